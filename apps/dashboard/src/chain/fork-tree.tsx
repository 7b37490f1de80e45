/** Shows branches as a tree, and each in words below it. */
import { useState } from "preact/hooks";
import type { Branch, SideTip } from "../model.js";
import { Badge, Code, Text, type Tone } from "../parts/basics.js";
import { counted, grouped, listed, printable } from "../text/format.js";
import { type Lane, layOut, MAX_LANES } from "./tree.js";

const ROW = 26;
/** Left and right of the drawing, in percent. */
const [LEFT, WIDTH] = [2, 90];

type Props = { branches: readonly Branch[]; tips: readonly SideTip[] };

export function ForkTree({ branches, tips }: Props) {
  const [most, setMost] = useState(MAX_LANES);
  const { lanes, left_out } = layOut(branches, tips, most);
  return (
    <div class="fork-tree">
      <p class="which">{forkText(branches)}</p>
      {lanes.length > 1 && <Drawing lanes={lanes} />}
      <ol class="lanes">
        {lanes.map((lane) => (
          <li key={lane.hash}>
            <LaneText lane={lane} />
          </li>
        ))}
      </ol>
      {left_out > 0 && (
        <button type="button" onClick={() => setMost(Infinity)}>
          Show {counted(left_out, "more tip")}
        </button>
      )}
    </div>
  );
}

/** Says who follows what. */
export function forkText(branches: readonly Branch[]): string {
  const [best, ...others] = branches;
  if (best === undefined) return "No node has shown a tip.";
  const names = ({ nodes }: Branch): string =>
    printable(listed(nodes.map(({ node_id }) => node_id)));
  const tip = grouped(best.tip_height);
  if (others.length === 0) {
    return best.nodes.length === 1
      ? `${names(best)} is at block ${tip}. There is no second node to compare it with.`
      : `All ${best.nodes.length} nodes follow one chain, up to block ${tip}.`;
  }
  const apart = others.map((one) => {
    const verb = one.nodes.length === 1 ? "follows" : "follow";
    const since = one.fork_height === null ? "" : ` since block ${grouped(one.fork_height + 1)}`;
    return `${names(one)} ${verb} another chain${since}`;
  });
  return `The chain has split: ${apart.join("; ")}. The chain of most work is followed by ${names(best)}, up to block ${tip}.`;
}

const percent = (place: number): string => `${(LEFT + place * WIDTH).toFixed(2)}%`;
const middle = (row: number): number => row * ROW + ROW / 2;

const Drawing = ({ lanes }: { lanes: readonly Lane[] }) => (
  <svg class="tree" width="100%" height={lanes.length * ROW} aria-hidden="true">
    {lanes.map((lane) => (
      <g key={lane.hash} class={`lane ${lane.kind}`}>
        {lane.row > 0 && (
          <line
            x1={percent(lane.from)}
            x2={percent(lane.from)}
            y1={middle(0)}
            y2={middle(lane.row)}
          />
        )}
        <line
          x1={percent(lane.from)}
          x2={percent(lane.to)}
          y1={middle(lane.row)}
          y2={middle(lane.row)}
        />
        <circle cx={percent(lane.to)} cy={middle(lane.row)} r={6} />
        {lane.kind === "refused" && <Cross at={percent(lane.to)} y={middle(lane.row)} />}
        <text x={percent(lane.to)} y={middle(lane.row)} dx={11} dy={5}>
          {lane.key}
        </text>
      </g>
    ))}
  </svg>
);

/** Draws a cross through the tip: a refused branch is marked by more than a colour. */
const Cross = ({ at, y }: { at: string; y: number }) => (
  <svg x={at} y={y} overflow="visible">
    <path class="cross" d="M-5-5 5 5M5-5-5 5" />
  </svg>
);

const WORDS: Readonly<Record<Lane["kind"], readonly [Tone, string]>> = {
  best: ["good", "most work"],
  branch: ["bad", "another branch"],
  refused: ["bad", "refused"],
  side: ["plain", "side tip"],
};

function LaneText({ lane }: { lane: Lane }) {
  const { key, kind, hash, tip_height, fork_height, nodes, status } = lane;
  const [tone, word] = WORDS[kind];
  const isFollowed = kind === "best" || kind === "branch";
  return (
    <>
      <strong class="lane-key">{key}</strong> <Badge tone={tone}>{word}</Badge> up to block{" "}
      <strong>{grouped(tip_height)}</strong> <Code of={hash} />
      <br />
      {fork_height !== null && (
        <>
          parts after block {grouped(fork_height)}, {counted(tip_height - fork_height, "block")}{" "}
          long ·{" "}
        </>
      )}
      {isFollowed
        ? "followed by "
        : kind === "refused"
          ? "called invalid by "
          : `known (${printable(status)}) to `}
      {nodes.map(({ node_id, height, is_watched }, at) => (
        <span key={node_id}>
          {at > 0 && ", "}
          <Text of={node_id} />
          {isFollowed &&
            height < tip_height &&
            ` (${counted(tip_height - height, "block")} behind)`}
          {!is_watched && " (silent, where it was last)"}
        </span>
      ))}
    </>
  );
}
