export { layer as default } from "@dgb-shield/eslint-config";
