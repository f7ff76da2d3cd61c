//! Names that nobody guesses, and hashes.

use sha2::{Digest, Sha256};

/// No capital letters and none that look alike: people read ids out.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The id of a build: 80 bits.
///
/// # Errors
/// When the system has no random numbers.
pub fn build_id() -> Result<String, String> {
    random(16)
}

/// What its owner shows: 160 bits.
///
/// # Errors
/// When the system has no random numbers.
pub fn token() -> Result<String, String> {
    random(32)
}

/// The hash of a token, which is all that is kept of it.
pub fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// `n` letters for a content: 5 bits each, so the longest is 51.
pub fn of_content(text: &str, n: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let bit = |at: usize| digest.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    (0..n).map(|idx| letter((0..5).fold(0, |acc, at| acc << 1 | bit(idx * 5 + at)))).collect()
}

/// Whether a text could be an id.
pub fn is_id(text: &str) -> bool {
    (8..=51).contains(&text.len()) && text.bytes().all(|it| LETTERS.contains(&it))
}

fn random(n: usize) -> Result<String, String> {
    let mut bytes = vec![0; n];
    getrandom::fill(&mut bytes).map_err(|error| format!("There are no random numbers: {error}"))?;
    Ok(bytes.into_iter().map(letter).collect())
}

fn letter(value: u8) -> char {
    char::from(LETTERS[usize::from(value & 31)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_long_and_differ() {
        let (a, b) = (build_id().unwrap(), build_id().unwrap());
        assert!(is_id(&a) && is_id(&b) && a != b, "{a} {b}");
        assert!(is_id(&token().unwrap()));
        assert!(!is_id("") && !is_id("../../../etc") && !is_id("ABCDEFGHIJKL"));
    }

    #[test]
    fn a_content_has_one_id() {
        assert_eq!(of_content("a", 13), of_content("a", 13));
        assert_ne!(of_content("a", 13), of_content("b", 13));
        assert_eq!(of_content("a", 20)[..13], of_content("a", 13));
        assert!(is_id(&of_content("", 51)));
    }
}
