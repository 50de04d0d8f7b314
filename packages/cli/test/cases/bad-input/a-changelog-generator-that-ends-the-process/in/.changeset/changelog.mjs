export default {
  getReleaseLine: () => process.exit(0),
  getDependencyReleaseLine: () => "",
};
