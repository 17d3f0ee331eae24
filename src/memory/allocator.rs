//! The allocators that count: Rust's, and what the solver's C++ calls for `new` and `delete`.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;

use super::MEMORY;

/// Rust's allocator: the system's, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

/// What an allocation costs: the C library rounds it up and keeps its size beside it.
#[inline]
const fn cost(bytes: usize) -> usize {
    bytes.saturating_add(8 + 15) & !15
}

// SAFETY: every call goes on to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the system's, too.
        or_end(MEMORY.make(cost(layout.size()), || unsafe { System.alloc(layout) }))
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        or_end(MEMORY.make(cost(layout.size()), || unsafe { System.alloc_zeroed(layout) }))
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) };
        MEMORY.give(cost(layout.size()));
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (before, after) = (cost(layout.size()), cost(size));
        // SAFETY: as above.
        let request = || unsafe { System.realloc(memory, layout, size) };
        // A growing vector may have both for a moment, but the system moves large ones without a copy.
        if after <= before {
            let smaller = request();
            if !smaller.is_null() {
                MEMORY.give(before - after);
            }
            return smaller;
        }
        or_end(MEMORY.make(after - before, request))
    }
}

/// The memory, or the last resort where there is none: Rust would abort the process.
#[inline]
fn or_end(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        MEMORY.end();
    }
    memory
}

/// C++'s `operator new`, but for the exception: null where memory ran out. Aligned as `malloc` aligns.
#[unsafe(no_mangle)]
pub extern "C" fn pg_clinic_engine_new(bytes: usize) -> *mut c_void {
    let bytes = bytes.max(1);
    // SAFETY: any number of bytes may be asked for.
    let memory = MEMORY.make(cost(bytes), || unsafe { libc::malloc(bytes) }.cast());
    if memory.is_null() {
        return memory.cast();
    }
    MEMORY.count_engine(cost(bytes), 0);
    // `delete` isn't told the size. It counts what the C library says, so the same is counted here.
    // SAFETY: fresh from malloc.
    let real = unsafe { usable_size(memory.cast()) };
    recount(cost(bytes), cost(real));
    memory.cast()
}

/// Where C++ gives up: its standard says that the process ends, and with it the server. Only the session does.
#[unsafe(no_mangle)]
pub extern "C" fn pg_clinic_engine_end() {
    MEMORY.end();
}

/// C++'s `operator delete`.
///
/// # Safety
/// `memory` must be null or come from the C library's allocator, and nothing may use it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pg_clinic_engine_delete(memory: *mut c_void) {
    if memory.is_null() {
        return;
    }
    // SAFETY: as promised.
    unsafe {
        let cost = cost(usable_size(memory));
        libc::free(memory);
        MEMORY.give(cost);
        MEMORY.count_engine(0, cost);
    }
}

fn recount(counted: usize, real: usize) {
    MEMORY.give(counted.wrapping_sub(real));
    MEMORY.count_engine(real, counted);
}

/// The bytes that an allocation of the C library really has.
///
/// # Safety
/// `memory` must come from its allocator.
unsafe fn usable_size(memory: *mut c_void) -> usize {
    // SAFETY: as promised.
    #[cfg(target_os = "macos")]
    return unsafe { libc::malloc_size(memory) };
    // SAFETY: as promised.
    #[cfg(not(target_os = "macos"))]
    return unsafe { libc::malloc_usable_size(memory) };
}
