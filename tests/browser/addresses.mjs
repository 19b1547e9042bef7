// The pages as `frame::PageId` has them.
export const pages = [
  { name: "overview", path: "/", letter: "o" },
  { name: "explorer", path: "/explorer", letter: "e" },
  { name: "model", path: "/model", letter: "m" },
  { name: "risk", path: "/risk", letter: "r" },
  { name: "customers", path: "/customers", letter: "c" },
  { name: "recommendations", path: "/recommendations", letter: "a" },
  { name: "drift", path: "/drift", letter: "d" },
  { name: "runs", path: "/runs", letter: "s" },
];

/** A customer's page: 16 characters that name nobody. */
export const customerPath = /^\/customers\/[a-z2-7]{16}$/;
