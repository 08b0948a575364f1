//! The pixels of a JPEG or PNG, decoded within bounds that its header is held to first.
//!
//! It must not know what becomes of them.

use std::io::Cursor;

use jpeg_decoder::{CodingProcess, PixelFormat};
use png::{ColorType, Transformations};

use super::{Unfit, orientation};
use crate::limits::{PHOTO_PIXELS, PHOTO_PROGRESSIVE_PIXELS, PORTRAIT_SIDE};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture as it was decoded: no second copy of it is ever made, whatever its parts are.
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    parts: Vec<u8>,
    /// Parts of a pixel: a level or three colours, and perhaps how far it is seen.
    each: usize,
    /// How it wants to be turned, 1 to 8.
    pub(super) orientation: u8,
}

impl Pixels {
    /// Returns how many bytes it takes.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.parts.capacity()
    }

    /// Returns so many pixels from there as red, green and blue.
    pub(super) fn rgb(&self, from: usize, count: usize) -> impl Iterator<Item = [u8; 3]> {
        let found = self.parts.get(from * self.each..(from + count) * self.each);
        found.unwrap_or_default().chunks_exact(self.each).map(|pixel| match *pixel {
            [level] => [level; 3],
            [level, alpha] => [over_white(level, alpha); 3],
            [red, green, blue] => [red, green, blue],
            [red, green, blue, alpha] => [red, green, blue].map(|part| over_white(part, alpha)),
            _ => [0; 3],
        })
    }
}

/// Reads a photo; its first bytes say what it is, whatever else was said of it.
pub(super) fn read(bytes: &[u8]) -> Result<Pixels, Unfit> {
    let pixels = match bytes {
        _ if bytes.starts_with(JPEG) => jpeg(bytes)?,
        _ if bytes.starts_with(PNG) => png(bytes)?,
        _ => return Err(Unfit::Kind),
    };
    let wanted = pixels.width * pixels.height * pixels.each;
    let is_whole = pixels.parts.len() == wanted && wanted > 0;
    if is_whole { Ok(pixels) } else { Err(Unfit::Broken) }
}

fn jpeg(bytes: &[u8]) -> Result<Pixels, Unfit> {
    let broken = |_| Unfit::Broken;
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(broken)?;
    let info = decoder.info().ok_or(Unfit::Broken)?;
    let count = usize::from(info.width) * usize::from(info.height);
    // One that comes in several passes is held whole, three times as large as its pixels.
    let most = match info.coding_process {
        CodingProcess::DctSequential => PHOTO_PIXELS,
        CodingProcess::DctProgressive | CodingProcess::Lossless => PHOTO_PROGRESSIVE_PIXELS,
    };
    if count > most {
        return Err(Unfit::Pixels);
    }
    decoder.set_max_decoding_buffer_size(count * 4);
    // Half, a quarter or an eighth of the size costs that much less, and a portrait is small.
    let side = u16::try_from(PORTRAIT_SIDE).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(side, side).map_err(broken)?;
    let parts = decoder.decode().map_err(broken)?;
    let each = match info.pixel_format {
        PixelFormat::L8 => 1,
        PixelFormat::RGB24 => 3,
        // Made for printing presses, not by cameras.
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err(Unfit::Kind),
    };
    let orientation = decoder.exif_data().map_or(1, orientation::of);
    Ok(Pixels { width: usize::from(width), height: usize::from(height), parts, each, orientation })
}

fn png(bytes: &[u8]) -> Result<Pixels, Unfit> {
    let broken = |_| Unfit::Broken;
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    // Texts and profiles are packed: they are not unpacked to be thrown away.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(broken)?;
    let (width, height) = (header.width as usize, header.height as usize);
    if width.checked_mul(height).is_none_or(|count| count > PHOTO_PIXELS) {
        return Err(Unfit::Pixels);
    }
    let mut reader = decoder.read_info().map_err(broken)?;
    let size = reader.output_buffer_size().filter(|size| *size <= PHOTO_PIXELS * 4);
    let mut parts = vec![0; size.ok_or(Unfit::Pixels)?];
    let frame = reader.next_frame(&mut parts).map_err(broken)?;
    let each = match frame.color_type {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => return Err(Unfit::Broken),
    };
    Ok(Pixels { width, height, parts, each, orientation: 1 })
}

fn over_white(part: u8, alpha: u8) -> u8 {
    let (part, alpha) = (u32::from(part), u32::from(alpha));
    // At most 255: the two weights sum up to it.
    ((part * alpha + 255 * (255 - alpha)) / 255) as u8
}
