/** An observation of a recording. */
import type { Observation } from "../observation/observation.js";

/** An observation and the phase of the recording that it belongs to. */
export type LabelledObservation = { label: string; observation: Observation };

/** The phase of a recording: 1–64 characters of this form. */
export const LABEL = /^[a-z0-9][a-z0-9_-]{0,63}$/;
