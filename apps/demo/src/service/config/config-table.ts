/** The table of all fields that docs/configuration.md has. */
import { CONFIG_JSON, defaultOf, type Json, membersOf, rangeOf } from "./json-schema.js";
import { SETTINGS } from "./settings.js";

/** A table in Markdown: each field with its variable, range, default and meaning. */
export function configTable(): string {
  const rows = rowsOf(CONFIG_JSON, "");
  return [
    "| field | variable | range | default | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function rowsOf(json: Json, within: string): string[] {
  return Object.entries(membersOf(json)).flatMap(([name, member]) => {
    const field = `${within}${name}`;
    const isRequired = json.required?.includes(name) === true;
    const isSection = Object.keys(membersOf(member)).length > 0;
    const variable = SETTINGS.find((one) => one.name === field)?.variable;
    const standard = isSection ? undefined : defaultOf(member);
    const cells = [
      `\`${field}\``,
      variable === undefined ? "" : `\`${variable}\``,
      isSection ? "" : rangeOf(member),
      isRequired ? "required" : standard === undefined ? "" : `\`${standard}\``,
      (member.description ?? "").replaceAll("|", "\\|").replaceAll("<", "\\<"),
    ];
    const items = member.items === undefined ? [] : rowsOf(member.items, `${field}[].`);
    return [`| ${cells.join(" | ")} |`, ...rowsOf(member, `${field}.`), ...items];
  });
}
