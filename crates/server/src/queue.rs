//! Whose turn it is: one after the other among clients, and each client's builds in their order.
//!
//! Pure; the positions that people are told follow from it. Who asks for a hundred builds waits for the others after
//! each of them.

use std::collections::{BTreeMap, VecDeque};

/// Builds that wait, and how many run.
#[derive(Debug)]
pub struct Queue {
    /// How many may run.
    most: usize,
    /// How many of one client may run.
    most_per_client: usize,
    /// Clients with what waits of each; none is empty. Whose last turn is the longest ago comes first, and among those
    /// without one who came first.
    lanes: Vec<Lane>,
    running: BTreeMap<String, Turns>,
    turn: u64,
}

#[derive(Debug)]
struct Lane {
    client: String,
    /// The client's last turn; 0 if it has had none.
    turn: u64,
    ids: VecDeque<String>,
}

/// What a client has running.
#[derive(Debug, Default)]
struct Turns {
    n: usize,
    last: u64,
}

impl Queue {
    /// An empty one.
    pub fn new(most: usize, most_per_client: usize) -> Queue {
        Queue {
            most: most.max(1),
            most_per_client: most_per_client.max(1),
            lanes: Vec::new(),
            running: BTreeMap::new(),
            turn: 0,
        }
    }

    /// Puts a build at the end of its client's lane.
    pub fn push(&mut self, client: &str, id: &str) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.client == client) {
            lane.ids.push_back(id.to_owned());
            return;
        }
        // Who runs something has had a turn, whether or not anything waited in between.
        let turn = self.running.get(client).map_or(0, |turns| turns.last);
        let lane = Lane { client: client.to_owned(), turn, ids: VecDeque::from([id.to_owned()]) };
        self.insert(lane);
    }

    /// Takes out the build that may begin now; `done` has to follow when it is over.
    pub fn begin(&mut self) -> Option<(String, String)> {
        if self.running() >= self.most {
            return None;
        }
        let idx = self.lanes.iter().position(|lane| self.may_run(&lane.client))?;
        let mut lane = self.lanes.remove(idx);
        let id = lane.ids.pop_front()?;
        self.turn += 1;
        lane.turn = self.turn;
        let client = lane.client.clone();
        if !lane.ids.is_empty() {
            self.insert(lane);
        }
        let turns = self.running.entry(client.clone()).or_default();
        *turns = Turns { n: turns.n + 1, last: self.turn };
        Some((client, id))
    }

    /// A build of a client is over.
    pub fn done(&mut self, client: &str) {
        if let Some(turns) = self.running.get_mut(client) {
            turns.n -= 1;
            if turns.n == 0 {
                self.running.remove(client);
            }
        }
    }

    /// Takes out a build that waits; whether it did.
    pub fn remove(&mut self, id: &str) -> bool {
        for idx in 0..self.lanes.len() {
            let lane = &mut self.lanes[idx].ids;
            if let Some(at) = lane.iter().position(|it| it == id) {
                lane.remove(at);
                if lane.is_empty() {
                    self.lanes.remove(idx);
                }
                return true;
            }
        }
        false
    }

    /// Every build that waits, in the order in which they will begin as far as that can be foreseen.
    pub fn order(&self) -> Vec<&str> {
        let longest = self.lanes.iter().map(|lane| lane.ids.len()).max().unwrap_or(0);
        let rounds =
            (0..longest).flat_map(|round| self.lanes.iter().filter_map(move |lane| lane.ids.get(round)));
        rounds.map(String::as_str).collect()
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.ids.len()).sum()
    }

    /// How many of a client wait.
    pub fn waiting_of(&self, client: &str) -> usize {
        self.lanes.iter().find(|lane| lane.client == client).map_or(0, |lane| lane.ids.len())
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running.values().map(|turns| turns.n).sum()
    }

    fn insert(&mut self, lane: Lane) {
        let at = self.lanes.partition_point(|other| other.turn <= lane.turn);
        self.lanes.insert(at, lane);
    }

    fn may_run(&self, client: &str) -> bool {
        self.running.get(client).map_or(0, |turns| turns.n) < self.most_per_client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes `client+number`, then starts and ends one after the other.
    fn check(most: usize, most_per_client: usize, pushed: &str) -> String {
        let mut queue = Queue::new(most, most_per_client);
        for id in pushed.split(' ') {
            queue.push(&id[..1], id);
        }
        let foreseen = queue.order().join(" ");
        let mut started = Vec::new();
        let mut running = VecDeque::new();
        loop {
            while let Some((client, id)) = queue.begin() {
                running.push_back(client);
                started.push(id);
            }
            match running.pop_front() {
                Some(client) => queue.done(&client),
                None => break,
            }
        }
        assert_eq!((queue.running(), queue.waiting()), (0, 0));
        if most == 1 {
            assert_eq!(foreseen, started.join(" "));
        }
        started.join(" ")
    }

    #[test]
    fn clients_take_turns() {
        assert_eq!(check(1, 1, "a1 a2 a3 b1 c1 b2"), "a1 b1 c1 a2 b2 a3");
        assert_eq!(check(2, 1, "a1 a2 a3 b1"), "a1 b1 a2 a3");
        assert_eq!(check(9, 9, "a1 a2 b1"), "a1 b1 a2");
    }

    #[test]
    fn one_client_leaves_room() {
        let mut queue = Queue::new(4, 2);
        (1..=4).for_each(|n| queue.push("a", &format!("a{n}")));
        assert!(queue.begin().is_some() && queue.begin().is_some());
        assert_eq!(queue.begin(), None);
        queue.push("b", "b1");
        assert_eq!(queue.begin(), Some(("b".to_owned(), "b1".to_owned())));
        queue.done("a");
        assert_eq!(queue.begin(), Some(("a".to_owned(), "a3".to_owned())));
        assert_eq!((queue.running(), queue.waiting(), queue.waiting_of("a")), (3, 1, 1));
    }

    #[test]
    fn who_runs_something_has_had_a_turn() {
        let mut queue = Queue::new(1, 1);
        queue.push("a", "a1");
        assert!(queue.begin().is_some());
        ["a2", "a3", "b1", "c1"].iter().for_each(|id| queue.push(&id[..1], id));
        assert_eq!(queue.order(), ["b1", "c1", "a2", "a3"]);
    }

    #[test]
    fn who_gives_up_waits_no_more() {
        let mut queue = Queue::new(1, 1);
        ["a1", "a2", "b1"].iter().for_each(|id| queue.push(&id[..1], id));
        assert!(queue.remove("a1") && !queue.remove("a1"));
        assert_eq!(queue.order(), ["a2", "b1"]);
        assert!(queue.remove("a2"));
        assert_eq!(queue.order(), ["b1"]);
    }
}
