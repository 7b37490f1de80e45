/** Who gives an order: the name of the key that was presented, never a name from a body. */
export type Actor = Readonly<{ operator: string; key_id: string }>;
