//! `docs/errors.md` lists exactly the errors that there are.

use perk_core::PerkError;

#[test]
fn every_error_is_listed_with_cause_and_remedy() {
    let text = include_str!("../../docs/errors.md");
    let listed: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let told: Vec<_> = listed.iter().map(|cells| cells[..3].to_vec()).collect();
    let known: Vec<_> = PerkError::ALL
        .iter()
        .map(|error| {
            let name = format!("`{}`", error.name());
            let code = error.code().to_string();
            [name, code, error.error_type().as_str().to_owned()]
        })
        .collect();
    assert_eq!(told, known);
    for cells in listed {
        let complete = cells.len() == 5 && cells[3..].iter().all(|cell| cell.ends_with('.'));
        assert!(complete, "a cause and a remedy, in sentences: {cells:?}");
    }
}
