//! Tests of what becomes of photos: good ones, odd ones, and files that only say that they are.

use super::*;
use crate::limits::{PHOTO_PIXELS, PHOTO_PROGRESSIVE_PIXELS};

/// Left half red, right half blue.
fn halves(width: usize, height: usize) -> Vec<u8> {
    let row = |x| if x < width / 2 { [220, 20, 20] } else { [20, 20, 220] };
    (0..height).flat_map(|_| (0..width).flat_map(row)).collect()
}

fn jpeg(width: u16, height: u16, how: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    how(&mut encoder);
    let rgb = halves(usize::from(width), usize::from(height));
    encoder.encode(&rgb, width, height, ColorType::Rgb).unwrap();
    bytes
}

fn png(width: u32, height: u32, color: png::ColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk("Author".to_owned(), "GPS 50.8503N 4.3517E".to_owned()).unwrap();
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

/// Returns the colours of a portrait near its four edges: left, right, top, bottom.
fn edges(portrait: &[u8]) -> [&'static str; 4] {
    let pixels = pixels::read(portrait).unwrap();
    assert_eq!((pixels.width, pixels.height), (PORTRAIT_SIDE, PORTRAIT_SIDE));
    [(20, 256), (490, 256), (256, 20), (256, 490)].map(|(x, y)| {
        let is = |wanted: [u8; 3]| {
            let found = pixels.rgb(y * PORTRAIT_SIDE + x, 1).next().unwrap();
            found.iter().zip(wanted).all(|(part, wanted)| part.abs_diff(wanted) < 40)
        };
        let known = [("red", [220, 20, 20]), ("blue", [20, 20, 220]), ("white", [255; 3])];
        known.into_iter().find(|(_, colour)| is(*colour)).map_or("other", |(name, _)| name)
    })
}

fn sides(portrait: &[u8]) -> [&'static str; 2] {
    let [left, right, ..] = edges(portrait);
    [left, right]
}

#[test]
fn a_photo_of_any_shape_and_size_becomes_a_square() {
    for (width, height) in [(1600, 900), (900, 1600), (512, 512), (40, 60), (1900, 1300)] {
        let portrait = portrait(&jpeg(width, height, |_| ())).unwrap();
        assert_eq!(sides(&portrait), ["red", "blue"], "{width}x{height}");
        assert!(portrait.len() < 100_000, "{}", portrait.len());
    }
    for (width, height) in [(700, 600), (1, 1)] {
        let bytes = png(width, height, png::ColorType::Rgb, &halves(width as _, height as _));
        assert!(portrait(&bytes).is_ok(), "{width}x{height}");
    }
    let progressive = jpeg(800, 800, |encoder| encoder.set_progressive(true));
    assert_eq!(sides(&portrait(&progressive).unwrap()), ["red", "blue"]);
}

#[test]
fn every_kind_of_png_is_read_and_what_is_transparent_is_white() {
    use png::ColorType as C;
    let rgba: Vec<u8> = halves(64, 64)
        .chunks(3)
        .enumerate()
        .flat_map(|(at, rgb)| [rgb[0], rgb[1], rgb[2], if at % 64 < 32 { 0 } else { 255 }])
        .collect();
    for (kind, data, expect) in [
        (C::Rgb, halves(64, 64), ["red", "blue"]),
        (C::Rgba, rgba, ["white", "blue"]),
        (C::Grayscale, vec![255; 64 * 64], ["white", "white"]),
        (C::GrayscaleAlpha, [0, 0].repeat(64 * 64), ["white", "white"]),
    ] {
        assert_eq!(sides(&portrait(&png(64, 64, kind, &data)).unwrap()), expect, "{kind:?}");
    }
}

#[test]
fn a_camera_s_notes_turn_the_photo_and_are_gone_afterwards() {
    for (orientation, expect) in [
        (1, ["red", "blue", "other", "other"]),
        (2, ["blue", "red", "other", "other"]),
        (3, ["blue", "red", "other", "other"]),
        (6, ["other", "other", "red", "blue"]),
        (8, ["other", "other", "blue", "red"]),
    ] {
        let notes = orientation::tests::notes(orientation, false);
        let photo = jpeg(600, 600, |encoder| encoder.add_exif_metadata(&notes).unwrap());
        assert!(contains(&photo, b"50.8503N"));
        let portrait = portrait(&photo).unwrap();
        let found = edges(&portrait);
        for (found, expect) in found.iter().zip(expect).filter(|(_, expect)| *expect != "other") {
            assert_eq!(*found, expect, "{orientation}");
        }
        assert!(!contains(&portrait, b"50.8503N") && !contains(&portrait, b"Exif"));
    }
    let named = png(64, 64, png::ColorType::Rgb, &halves(64, 64));
    assert!(contains(&named, b"50.8503N"));
    assert!(!contains(&portrait(&named).unwrap(), b"50.8503N"));
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_is_no_photo_is_refused_whatever_it_is_called() {
    for bytes in [
        &b""[..],
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a/*\x00\x00*/=1;alert(1)",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\xff\xd8",
        &[&b"<html>"[..], &jpeg(64, 64, |_| ())].concat(),
    ] {
        assert_eq!(size(bytes), Err(Unfit::Kind), "{bytes:?}");
    }
}

#[test]
fn what_hangs_behind_a_photo_is_not_kept() {
    let tail = b"<script>alert(1)</script>PK\x03\x04";
    let rgb = halves(64, 64);
    for photo in [jpeg(64, 64, |_| ()), png(64, 64, png::ColorType::Rgb, &rgb)] {
        let portrait = portrait(&[&photo[..], tail].concat()).unwrap();
        assert!(!contains(&portrait, b"script") && !contains(&portrait, b"PK\x03\x04"));
    }
}

#[test]
fn a_photo_that_is_cut_off_is_refused() {
    let rgb = halves(300, 300);
    let whole = [jpeg(300, 300, |_| ()), png(300, 300, png::ColorType::Rgb, &rgb)];
    for photo in whole {
        for part in [4, 10, 50, 90] {
            let cut = &photo[..photo.len() * part / 100];
            assert_eq!(size(cut), Err(Unfit::Broken), "{part} % of {}", photo.len());
        }
    }
}

#[test]
fn many_pixels_are_refused_by_the_header_alone() {
    // Its header says a hundred million; it is a hundred bytes long.
    let small = png(64, 64, png::ColorType::Rgb, &halves(64, 64));
    let mut bomb = small;
    bomb[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
    let checked = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checked.to_be_bytes());
    assert_eq!(size(&bomb), Err(Unfit::Pixels));
    let largest = sized(&jpeg(64, 64, |_| ()), 4000, (PHOTO_PIXELS / 4000) as u16);
    assert_ne!(size(&largest), Err(Unfit::Pixels));
    let over = sized(&jpeg(64, 64, |_| ()), 4000, (PHOTO_PIXELS / 4000) as u16 + 1);
    assert_eq!(size(&over), Err(Unfit::Pixels));
    let passes = jpeg(64, 64, |encoder| encoder.set_progressive(true));
    let over = sized(&passes, 4000, (PHOTO_PROGRESSIVE_PIXELS / 4000) as u16 + 1);
    assert_eq!(size(&over), Err(Unfit::Pixels));
}

#[test]
fn a_photo_is_held_once_however_many_parts_its_pixels_have() {
    let side = 300;
    for (kind, each) in [(png::ColorType::Grayscale, 1), (png::ColorType::Rgba, 4)] {
        let photo = png(side as u32, side as u32, kind, &vec![255; side * side * each]);
        assert_eq!(pixels::read(&photo).unwrap().held(), side * side * each);
    }
}

/// Makes a portrait, and keeps of it what a failing test can print.
fn size(photo: &[u8]) -> Result<usize, Unfit> {
    portrait(photo).map(|portrait| portrait.len())
}

/// Writes another size into a JPEG's header.
fn sized(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let at = bytes.windows(3).position(|w| matches!(w, [0xff, 0xc0 | 0xc2, 0])).unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

#[test]
fn no_photo_that_was_damaged_anywhere_brings_the_host_down() {
    let rgb = halves(64, 64);
    let progressive = jpeg(64, 64, |encoder| encoder.set_progressive(true));
    for photo in [jpeg(64, 64, |_| ()), progressive, png(64, 64, png::ColorType::Rgb, &rgb)] {
        for at in 3..photo.len() {
            let mut odd = photo.clone();
            odd[at] ^= 0xff;
            // Whether it can still be read is all the same.
            let _ = pixels::read(&odd);
        }
    }
}
