/** Writes exact decimals as text, for people and for feeding back. */

/** `coefficient / 10^scale` without trailing zeros. */
export function decimalText(coefficient: bigint, scale: number): string {
  const digits = String(coefficient).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Writes a decimal of a policy or a context without an exponent. */
export function plainDecimal(value: string | number): string {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const scale = fraction.length - Number(exponent);
  const coefficient = BigInt(whole + fraction);
  return scale > 0 ? decimalText(coefficient, scale) : String(coefficient * 10n ** BigInt(-scale));
}
