//! The reserve: address space that is taken but never touched, so that it costs no memory until it is given back and
//! used by others.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

/// Takes so many bytes from the system; `None` where it has none left.
pub fn map(bytes: usize) -> Option<NonNull<c_void>> {
    // Writable and private: where the system promises no more than it has, it counts them.
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a fresh mapping, wherever the system likes.
    let mapping = unsafe { libc::mmap(null_mut(), bytes, access, kind, -1, 0) };
    if mapping == libc::MAP_FAILED { None } else { NonNull::new(mapping) }
}

/// Gives a mapping of [`map`] back.
///
/// # Safety
/// It must be of that size, and nothing may use it any more.
pub unsafe fn unmap(mapping: *mut c_void, bytes: usize) {
    // SAFETY: as promised. It can't fail for a whole mapping.
    unsafe { libc::munmap(mapping, bytes) };
}
