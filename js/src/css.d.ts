/** esbuild bundles stylesheets by import. */
declare module "*.css";
