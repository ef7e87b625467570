"""The submission ledger: what was sent to a leaderboard, what came back, and what to send next. Rules and words; the rows are the workspace's."""
