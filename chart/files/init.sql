-- The table that feedback-harvester writes to. lightspeed-core makes its own tables.
CREATE TABLE IF NOT EXISTS feedback (
  id serial PRIMARY KEY,
  user_id text NOT NULL,
  timestamp text NOT NULL,
  conversation_id text NOT NULL,
  user_question text NOT NULL,
  llm_response text NOT NULL,
  sentiment integer,
  user_feedback text
);
