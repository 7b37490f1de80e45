/** Names that a reader could take for each other (design, section 3: signing). */

/** Characters that are shown as nothing or as a space: joiners, marks of direction, the blank of Braille, white space. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu;
const BLANK = /[\s\u2800]+/gu;

/**
 * The form that names share which differ in case, in compatibility characters (full-width letters,
 * ligatures) or in what is not seen. It compares, and replaces no name. Letters of two scripts that
 * look alike stay two.
 *
 * @example lookOf("Ａcme") === lookOf("acme") // true
 */
export const lookOf = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .replace(BLANK, " ")
    .trim()
    // Upper case first: "ß" and "ss", and the two small sigmas, have one upper case.
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC");
