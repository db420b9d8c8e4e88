import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built pages are part of the installed package: studio/static.
export default defineConfig({
  plugins: [react()],
  build: { outDir: "../static", emptyOutDir: true, sourcemap: false, chunkSizeWarningLimit: 900 },
});
