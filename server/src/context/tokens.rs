//! Tokens, counted with OpenAI's o200k_base: near enough to every model's own count to keep a budget.

/// Number of tokens of `text`.
#[must_use]
pub fn count_tokens(text: &str) -> usize {
    bpe_openai::o200k_base().count(text)
}
