export default {
  getReleaseLine: () => {
    throw new Error("no token");
  },
  getDependencyReleaseLine: () => "",
};
