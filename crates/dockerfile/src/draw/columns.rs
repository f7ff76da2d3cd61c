//! Which column each thing stands in.
//!
//! A stage stands right of everything that it takes from. Within that, a column takes only so many stages, since
//! a picture of one endless column fits no window, and a stage stands close to its users rather than to the left
//! edge. All of it follows from who refers to whom: how long a stage is does not matter, so that typing
//! instructions moves no card to another column.

use std::collections::BTreeSet;

use super::Link;

/// A column takes at least this many cards.
const MIN_ROOM: usize = 6;

/// The column of each thing, from 0; none is empty.
pub(super) fn columns(n_cards: usize, n_things: usize, links: &[Link]) -> Vec<usize> {
    let links: Vec<&Link> = links.iter().filter(|link| link.forward).collect();
    let depth = earliest(n_cards, usize::MAX, &links).into_iter().max().unwrap_or(0);
    // About as many cards in a column as there are columns, since a card is about as high as it is wide.
    let room = (2 * n_cards).isqrt().max(depth).max(MIN_ROOM);
    let mut columns = earliest(n_cards, room, &links);
    stand_by_users(&mut columns, n_things, room, &links);
    // Sources stand before their first user.
    columns.resize(n_things, usize::MAX);
    for link in links.iter().filter(|link| link.from >= n_cards) {
        columns[link.from] = columns[link.from].min(columns[link.to] - 1);
    }
    for column in columns.iter_mut().filter(|column| **column == usize::MAX) {
        *column = 0;
    }
    close_ranks(&mut columns);
    columns
}

/// Cards in file order, each as soon as what it takes from stands and there is room. Column 0 is for sources.
fn earliest(n_cards: usize, room: usize, links: &[&Link]) -> Vec<usize> {
    let mut n_missing = vec![0; n_cards];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); n_cards];
    for link in links.iter().filter(|link| link.from < n_cards) {
        n_missing[link.to] += 1;
        users[link.from].push(link.to);
    }
    let mut ready: BTreeSet<usize> = (0..n_cards).filter(|&card| n_missing[card] == 0).collect();
    let mut columns = vec![0; n_cards];
    for column in 1.. {
        let placed: Vec<usize> = std::iter::from_fn(|| ready.pop_first()).take(room).collect();
        if placed.is_empty() {
            break;
        }
        for card in placed {
            columns[card] = column;
            for &user in &users[card] {
                n_missing[user] -= 1;
                if n_missing[user] == 0 {
                    ready.insert(user);
                }
            }
        }
    }
    columns
}

/// Moves cards to the right where that makes their own line shorter and none longer.
fn stand_by_users(columns: &mut [usize], n_things: usize, room: usize, links: &[&Link]) {
    let n_cards = columns.len();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); n_things];
    for link in links {
        users[link.from].push(link.to);
    }
    // How far right the line of each thing reaches. Nothing moves to the left, so this only grows.
    let mut reach: Vec<usize> =
        users.iter().map(|users| users.iter().map(|&user| columns[user]).max().unwrap_or(0)).collect();
    let mut takes_from: Vec<Vec<usize>> = vec![Vec::new(); n_cards];
    // A source with one use moves along with it.
    for link in links.iter().filter(|link| link.from < n_cards || users[link.from].len() > 1) {
        takes_from[link.to].push(link.from);
    }
    let mut n_in_column = vec![0; columns.iter().max().map_or(0, |last| last + 1)];
    for &column in columns.iter() {
        n_in_column[column] += 1;
    }
    // Users come later in the file, so they stand where they will when it is the turn of what they use.
    for card in (0..n_cards).rev() {
        let Some(nearest) = users[card].iter().map(|&user| columns[user]).min() else { continue };
        let limit = takes_from[card].iter().map(|&thing| reach[thing]).fold(nearest - 1, usize::min);
        let from = columns[card];
        if let Some(to) = (from + 1..=limit).rev().find(|&column| n_in_column[column] < room) {
            columns[card] = to;
            n_in_column[from] -= 1;
            n_in_column[to] += 1;
            for &thing in &takes_from[card] {
                reach[thing] = reach[thing].max(to);
            }
        }
    }
}

/// Leaves out columns without anything.
fn close_ranks(columns: &mut [usize]) {
    let mut place = vec![0; columns.iter().max().map_or(0, |last| last + 1)];
    for &column in columns.iter() {
        place[column] = 1;
    }
    let mut n_columns = 0;
    for place in &mut place {
        n_columns += *place;
        *place = n_columns - *place;
    }
    for column in columns {
        *column = place[*column];
    }
}
