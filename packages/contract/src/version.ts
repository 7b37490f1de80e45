/** The version of the Shield Contract that this package implements (contract v3, section 1). */
export const CONTRACT_VERSION = 3;
