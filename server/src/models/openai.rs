//! OpenAI chat completions (being written).
