//! A photo that somebody sent becomes a portrait of ours: pixels alone survive.
//!
//! What it is, is decided by its content; how large it is, before it is decoded. The portrait is
//! written anew, so that places, devices and whatever else a file can carry are gone. It must not
//! know whose photo it is.

mod orientation;
mod pixels;

use jpeg_encoder::{ColorType, Encoder};

use domain::limits::PICTURE_BYTES;

use crate::limits::PORTRAIT_SIDE;
use pixels::Pixels;

/// How well a portrait is kept: beyond this files grow and nobody sees it.
const QUALITY: u8 = 85;
/// How well pictures of products are kept: the first that is small enough, of whatever is on it.
const QUALITIES: [u8; 7] = [QUALITY, 75, 65, 50, 35, 20, 8];

/// Why a photo is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is neither JPEG nor PNG, whatever it is called.
    Kind,
    /// It begins like one and cannot be read to its end.
    Broken,
    /// It has more pixels than are decoded.
    Pixels,
}

/// Makes a square JPEG of the middle of a JPEG or PNG.
///
/// # Errors
/// Says what is wrong with the photo.
pub fn portrait(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    encode(&square(bytes)?, QUALITY)
}

/// Makes the same of a picture of a product, as well as it fits into a change.
///
/// # Errors
/// Says what is wrong with the picture.
pub fn dish(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let square = square(bytes)?;
    for quality in QUALITIES {
        let made = encode(&square, quality)?;
        if made.len() <= PICTURE_BYTES {
            return Ok(made);
        }
    }
    Err(Unfit::Pixels)
}

fn square(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let photo = pixels::read(bytes)?;
    Ok(upright(&middle(&photo), photo.orientation))
}

fn encode(square: &[u8], quality: u8) -> Result<Vec<u8>, Unfit> {
    let mut made = Vec::new();
    let side = u16::try_from(PORTRAIT_SIDE).unwrap_or(u16::MAX);
    let encoder = Encoder::new(&mut made, quality);
    encoder.encode(square, side, side, ColorType::Rgb).map_err(|_| Unfit::Broken)?;
    Ok(made)
}

/// Scales the square in the middle: each pixel is the mean of those that it stands for.
fn middle(photo: &Pixels) -> Vec<u8> {
    let side = photo.width.min(photo.height);
    let (left, top) = ((photo.width - side) / 2, (photo.height - side) / 2);
    // A small photo has less than one pixel for each: then one stands for several.
    let span = |at: usize| {
        let from = at * side / PORTRAIT_SIDE;
        from..((at + 1) * side / PORTRAIT_SIDE).max(from + 1)
    };
    let mut square = Vec::with_capacity(PORTRAIT_SIDE * PORTRAIT_SIDE * 3);
    for y in 0..PORTRAIT_SIDE {
        for x in 0..PORTRAIT_SIDE {
            let (mut sum, mut count) = ([0_u32; 3], 0_u32);
            for row in span(y) {
                let columns = span(x);
                let from = (top + row) * photo.width + left + columns.start;
                for pixel in photo.rgb(from, columns.len()) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += u32::from(part));
                    count += 1;
                }
            }
            // Each part is at most 255.
            square.extend(sum.map(|sum| (sum / count.max(1)) as u8));
        }
    }
    square
}

/// Turns a square as its orientation says.
fn upright(square: &[u8], orientation: u8) -> Vec<u8> {
    let last = PORTRAIT_SIDE - 1;
    let mut turned = Vec::with_capacity(square.len());
    for y in 0..PORTRAIT_SIDE {
        for x in 0..PORTRAIT_SIDE {
            let (column, row) = match orientation {
                2 => (last - x, y),
                3 => (last - x, last - y),
                4 => (x, last - y),
                5 => (y, x),
                6 => (y, last - x),
                7 => (last - y, last - x),
                8 => (last - y, x),
                _ => (x, y),
            };
            let at = (row * PORTRAIT_SIDE + column) * 3;
            turned.extend_from_slice(square.get(at..at + 3).unwrap_or(&[0; 3]));
        }
    }
    turned
}

#[cfg(test)]
mod tests;
