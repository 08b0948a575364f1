//! How a camera was held, from the one field of its notes that is read.
//!
//! The notes themselves are thrown away. Whatever cannot be read counts as upright.

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
const ENTRY_BYTES: usize = 12;

/// Reads the orientation, 1 to 8, from notes in TIFF's form.
pub(super) fn of(notes: &[u8]) -> u8 {
    read(notes).filter(|found| (1..=8).contains(found)).unwrap_or(1)
}

fn read(notes: &[u8]) -> Option<u8> {
    let is_little = match notes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = notes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long: [u8; 4] = notes.get(4..8)?.try_into().ok()?;
    let list = if is_little { u32::from_le_bytes(long) } else { u32::from_be_bytes(long) };
    let list = usize::try_from(list).ok()?;
    let first = list.checked_add(2)?;
    let entry = |number: usize| first.checked_add(number * ENTRY_BYTES);
    let count = usize::from(short(list)?);
    let at = (0..count).filter_map(entry).find(|at| short(*at) == Some(ORIENTATION))?;
    let is_short = short(at.checked_add(2)?)? == SHORT;
    is_short.then(|| short(at.checked_add(8)?)?.try_into().ok()).flatten()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Notes of a camera: where it was, and how it was held.
    pub(in super::super) fn notes(orientation: u16, is_little: bool) -> Vec<u8> {
        let short = |v: u16| if is_little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if is_little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut notes = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        notes.extend(long(8));
        notes.extend(short(2));
        notes.extend([short(0x8825), short(4)].concat());
        notes.extend([long(1), long(38)].concat());
        notes.extend([short(ORIENTATION), short(SHORT)].concat());
        notes.extend(long(1));
        notes.extend([short(orientation), short(0)].concat());
        notes.extend(b"GPS 50.8503N 4.3517E");
        notes
    }

    #[test]
    fn the_orientation_is_read_in_both_orders_and_nothing_else_counts() {
        for is_little in [true, false] {
            for orientation in 1..=8 {
                assert_eq!(of(&notes(orientation, is_little)), orientation as u8);
            }
            for odd in [0, 9, 300] {
                assert_eq!(of(&notes(odd, is_little)), 1);
            }
            let whole = notes(6, is_little);
            for length in 0..whole.len() {
                // What is cut off, or points beyond the end, is no reason to fail.
                let found = of(&whole[..length]);
                assert!(found == 1 || found == 6, "{length}");
                let mut odd = whole.clone();
                odd[length] = 0xff;
                let _ = of(&odd);
            }
        }
    }
}
