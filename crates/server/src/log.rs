//! The events of one build: an append-only list that any number of people read, each at their own speed.
//!
//! An event is serialized once, into the bytes that go over the wire. Who watches is a cursor and a `watch` channel
//! with the number of the last event; who is slow stays behind, and costs nobody else anything. No event is dropped,
//! which is why this is no `broadcast` channel.

use std::ops::Range;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::{Bytes, BytesMut};
use protocol::build::Event;
use tokio::sync::watch;

/// No more than this is put into one write.
const BATCH: usize = 64 << 10;

/// The events of a build.
#[derive(Debug)]
pub struct Log {
    frames: RwLock<Vec<Frame>>,
    /// How long it is: what watchers wait for.
    length: watch::Sender<Length>,
}

/// How far a log has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    /// The number of the last event.
    pub last: u64,
    /// Whether nothing follows.
    pub closed: bool,
}

/// An event as Server-Sent Events have it, and where its JSON is in that.
#[derive(Debug)]
struct Frame {
    bytes: Bytes,
    json: Range<usize>,
}

/// What stands behind a cursor.
#[derive(Debug)]
pub struct Read {
    /// Frames; empty if there is nothing new.
    pub bytes: Bytes,
    /// The cursor behind them.
    pub next: u64,
}

impl Default for Log {
    fn default() -> Log {
        Log { frames: RwLock::default(), length: watch::Sender::new(Length::default()) }
    }
}

impl Log {
    /// The log of a build that is over, of its events as they are kept: one JSON object a line.
    pub fn of_lines(lines: &str) -> Log {
        let frames: Vec<Frame> = lines
            .lines()
            .filter(|line| !line.is_empty())
            .enumerate()
            .map(|(idx, line)| frame(idx as u64 + 1, line))
            .collect();
        let length = Length { last: frames.len() as u64, closed: true };
        Log { frames: RwLock::new(frames), length: watch::Sender::new(length) }
    }

    /// Adds an event, whose number has to be the next one.
    pub fn append(&self, event: &Event) {
        // What is ours has no maps with odd keys and no NaN, so it can always be written.
        let Ok(json) = serde_json::to_string(event) else { return };
        let mut frames = self.write();
        debug_assert_eq!(event.seq, frames.len() as u64 + 1);
        frames.push(frame(event.seq, &json));
        drop(frames);
        self.length.send_modify(|length| length.last = event.seq);
    }

    /// Says that nothing follows.
    pub fn close(&self) {
        self.length.send_modify(|length| length.closed = true);
    }

    /// How far it has come.
    pub fn length(&self) -> Length {
        *self.length.borrow()
    }

    /// Tells when it has become longer, or is closed.
    pub fn follow(&self) -> watch::Receiver<Length> {
        self.length.subscribe()
    }

    /// The frames behind the event `after`, as many as make a good write.
    pub fn read(&self, after: u64) -> Read {
        let frames = self.read_frames();
        let start = usize::try_from(after).unwrap_or(usize::MAX).min(frames.len());
        let mut n = 0;
        let mut size = 0;
        for frame in &frames[start..] {
            if n > 0 && size + frame.bytes.len() > BATCH {
                break;
            }
            n += 1;
            size += frame.bytes.len();
        }
        let next = (start + n) as u64;
        if let [one] = &frames[start..start + n] {
            return Read { bytes: one.bytes.clone(), next };
        }
        let mut bytes = BytesMut::with_capacity(size);
        frames[start..start + n].iter().for_each(|frame| bytes.extend_from_slice(&frame.bytes));
        Read { bytes: bytes.freeze(), next }
    }

    /// The events behind `after`, one JSON object a line.
    pub fn lines(&self, after: u64) -> Vec<u8> {
        let frames = self.read_frames();
        let start = usize::try_from(after).unwrap_or(usize::MAX).min(frames.len());
        let mut lines = Vec::with_capacity(frames[start..].iter().map(|it| it.json.len() + 1).sum());
        for frame in &frames[start..] {
            lines.extend_from_slice(&frame.bytes[frame.json.clone()]);
            lines.push(b'\n');
        }
        lines
    }

    /// All events, read back.
    pub fn events(&self) -> Vec<Event> {
        let frames = self.read_frames();
        frames.iter().filter_map(|it| serde_json::from_slice(&it.bytes[it.json.clone()]).ok()).collect()
    }

    // What panicked while it held the lock did not leave half a frame: pushing is all that is done there.
    fn read_frames(&self) -> RwLockReadGuard<'_, Vec<Frame>> {
        self.frames.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Frame>> {
        self.frames.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// JSON has no line breaks, so an event is one `data` line.
fn frame(seq: u64, json: &str) -> Frame {
    let head = format!("id: {seq}\ndata: ");
    let range = head.len()..head.len() + json.len();
    Frame { bytes: Bytes::from([&head, json, "\n\n"].concat()), json: range }
}

#[cfg(test)]
mod tests {
    use protocol::build::What;

    use super::*;

    fn event(seq: u64, text: &str) -> Event {
        Event { seq, at: seq, what: What::Log { step: 0, stream: Default::default(), text: text.to_owned() } }
    }

    #[test]
    fn a_cursor_gets_everything_once() {
        let log = Log::default();
        assert!(log.read(0).bytes.is_empty());
        (1..=3).for_each(|seq| log.append(&event(seq, "a\nb")));
        let read = log.read(1);
        assert_eq!(read.next, 3);
        let text = String::from_utf8(read.bytes.to_vec()).unwrap();
        assert!(text.starts_with("id: 2\ndata: {\"seq\":2,"), "{text}");
        assert_eq!(text.matches("\n\n").count(), 2);
        assert!(log.read(3).bytes.is_empty());
        assert_eq!(log.read(99).next, 3);
        assert_eq!(log.length(), Length { last: 3, closed: false });
    }

    #[test]
    fn a_write_is_bounded_but_never_empty() {
        let log = Log::default();
        (1..=3).for_each(|seq| log.append(&event(seq, &"x".repeat(50_000))));
        log.append(&event(4, &"x".repeat(200_000)));
        assert_eq!([0, 1, 2, 3].map(|after| log.read(after).next), [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_kept_reads_as_it_was() {
        let log = Log::default();
        (1..=5).for_each(|seq| log.append(&event(seq, "\u{1b}[31m<b>\r\n\u{2028}")));
        log.close();
        let kept = Log::of_lines(&String::from_utf8(log.lines(0)).unwrap());
        assert_eq!(kept.events(), log.events());
        assert_eq!(kept.read(2).bytes, log.read(2).bytes);
        assert_eq!(kept.length(), log.length());
    }
}
