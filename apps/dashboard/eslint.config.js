export { app as default } from "@dgb-shield/eslint-config";
