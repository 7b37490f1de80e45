import { defineConfig } from "vite";
import { compressed } from "./compress.config.js";

export default defineConfig({
  // Relative, so that a proxy may serve the page under any path.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The client's schemas and the contract come as sources: what the page does not use is left out.
  resolve: { conditions: ["@dgb-shield/source", "module", "browser", "default"] },
  plugins: [compressed()],
  build: {
    target: "es2023",
    // Nothing inline: the page runs under `default-src 'self'` without exceptions.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
});
