export default {
  getReleaseLine: () => new Promise(() => {}),
  getDependencyReleaseLine: () => "",
};
