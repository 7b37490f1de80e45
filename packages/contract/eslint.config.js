import { layer, ownMembers } from "@dgb-shield/eslint-config";

export default [...layer, ...ownMembers];
