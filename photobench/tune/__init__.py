"""Better options, looked for by training with many of them: what may change, who has tried what, and how much of a gain is luck."""
