export default {
  getReleaseLine: () => {
    for (;;);
  },
  getDependencyReleaseLine: () => "",
};
