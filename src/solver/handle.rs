//! HiGHS's C interface behind a safe handle: one model, any number of runs of it. Must never let a panic unwind
//! through C++, nor print.
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use highs_sys as sys;
use pg_clinic_core::milp::{Model, NewColumn, Progress, SolverError};
use sys::HighsInt;

use crate::guard;

/// The engine's number of the primal simplex method, which its interface has no name for.
const PRIMAL_SIMPLEX: HighsInt = 4;

/// Called with the progress of a run, which it can break off.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Solved to the end.
    Optimal,
    /// No solution exists.
    Infeasible,
    /// A limit of time or nodes was reached.
    Limit,
    /// The caller broke off.
    Cancelled,
    /// Rounding errors kept the engine from any answer. Another kind of run may have one.
    Lost,
}

/// How to run the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Forget that some columns are integers.
    pub relaxed: bool,
    /// Solve the model as it is: presolve takes time, and would know an answer but not its reason.
    pub without_presolve: bool,
    /// Seconds left, if limited.
    pub seconds: Option<f64>,
    /// Nodes allowed, if limited.
    pub nodes: Option<i64>,
    /// How far the best solution may be from the bound and still be called optimal.
    pub absolute_gap: f64,
}

/// The receiver of progress, the start, and the results of earlier runs.
pub struct Listener<'a> {
    /// Called with the progress.
    pub on_progress: OnProgress<'a>,
    /// When the solve began.
    pub started: Instant,
    /// The best objective known before this run.
    pub incumbent: Option<f64>,
    /// The bound known before this run.
    pub bound: Option<f64>,
    /// Whether this run's bound says nothing about the whole model.
    pub is_partial: bool,
}

impl Listener<'_> {
    /// Seconds left of a limit; never negative.
    pub fn seconds_left(&self, limit: Option<f64>) -> Option<f64> {
        limit.map(|limit| (limit - self.started.elapsed().as_secs_f64()).max(0.0))
    }
}

/// The data that the callback reads and writes; C++ carries a pointer to it.
struct Wire<'a, 'b> {
    listener: &'a mut Listener<'b>,
    cancelled: bool,
    panic: Option<Box<dyn Any + Send>>,
}

/// The result of a run.
struct Solved {
    values: Vec<f64>,
    column_duals: Vec<f64>,
    row_duals: Vec<f64>,
}

/// The engines alive.
static ENGINES: AtomicUsize = AtomicUsize::new(0);

/// An engine with a model in it.
pub struct Handle {
    engine: NonNull<c_void>,
    columns: usize,
    rows: usize,
}

impl Handle {
    /// An engine with this model, which must be valid.
    pub fn new(model: &Model) -> Result<Self, SolverError> {
        // SAFETY: no preconditions; null means out of memory.
        let engine = NonNull::new(unsafe { guard::pg_clinic_create() }).ok_or(SolverError::OutOfMemory)?;
        ENGINES.fetch_add(1, Relaxed);
        let handle = Self { engine, columns: model.columns.len(), rows: model.rows.len() };
        handle.set_flag(c"output_flag", false)?;
        handle.set_flag(c"log_to_console", false)?;
        // More threads would break PostgreSQL's backend, and make the answer a matter of timing.
        handle.set_int(c"threads", 1)?;
        handle.set_text(c"parallel", c"off")?;
        handle.set_text(c"solver", c"simplex")?;
        handle.set_int(c"random_seed", 0)?;
        handle.set_number(c"mip_rel_gap", 0.0)?;
        // Before the model is there: the engine copies a buffer as long as the model had columns at this time with
        // every call of the callback, though nothing here uses it.
        handle.set_callback(None)?;
        handle.pass(model)?;
        Ok(handle)
    }

    fn pass(&self, model: &Model) -> Result<(), SolverError> {
        let too_large =
            || SolverError::InvalidModel("more columns, rows or terms than HiGHS can count".into());
        let count = |n: usize| HighsInt::try_from(n).map_err(|_| too_large());
        let (columns, rows, terms) =
            (count(model.columns.len())?, count(model.rows.len())?, count(model.term_count())?);
        let costs: Vec<f64> = model.columns.iter().map(|column| column.cost).collect();
        let lower: Vec<f64> = model.columns.iter().map(|column| column.lower).collect();
        let upper: Vec<f64> = model.columns.iter().map(|column| column.upper).collect();
        let integrality: Vec<HighsInt> =
            model.columns.iter().map(|column| column.is_integer.into()).collect();
        let row_lower: Vec<f64> = model.rows.iter().map(|row| row.lower).collect();
        let row_upper: Vec<f64> = model.rows.iter().map(|row| row.upper).collect();
        let mut starts = Vec::with_capacity(model.rows.len() + 1);
        let mut indexes = Vec::with_capacity(model.term_count());
        let mut coefficients = Vec::with_capacity(model.term_count());
        for row in &model.rows {
            starts.push(count(indexes.len())?);
            for &(column, coefficient) in &row.terms {
                indexes.push(count(column)?);
                coefficients.push(coefficient);
            }
        }
        starts.push(terms);
        // SAFETY: the engine lives; every array has the length announced for it, and the engine copies them.
        self.check("Highs_passMip", unsafe {
            guard::pg_clinic_pass_mip(
                self.engine.as_ptr(),
                columns,
                rows,
                terms,
                sys::MATRIX_FORMAT_ROW_WISE,
                sys::OBJECTIVE_SENSE_MINIMIZE,
                model.offset,
                costs.as_ptr(),
                lower.as_ptr(),
                upper.as_ptr(),
                row_lower.as_ptr(),
                row_upper.as_ptr(),
                starts.as_ptr(),
                indexes.as_ptr(),
                coefficients.as_ptr(),
                integrality.as_ptr(),
            )
        })
    }

    /// Adds columns, which are no integers, and keeps the basis.
    pub fn add_columns(&mut self, columns: &[NewColumn]) -> Result<(), SolverError> {
        let too_large = || SolverError::InvalidModel("more terms than HiGHS can count".into());
        let count = |n: usize| HighsInt::try_from(n).map_err(|_| too_large());
        let costs: Vec<f64> = columns.iter().map(|new| new.column.cost).collect();
        let lower: Vec<f64> = columns.iter().map(|new| new.column.lower).collect();
        let upper: Vec<f64> = columns.iter().map(|new| new.column.upper).collect();
        let (mut starts, mut indexes, mut coefficients) = (Vec::new(), Vec::new(), Vec::new());
        for &(row, coefficient) in columns.iter().flat_map(|new| &new.terms) {
            assert!(row < self.rows, "a new column's rows are the model's");
            indexes.push(count(row)?);
            coefficients.push(coefficient);
        }
        let mut next = 0;
        for new in columns {
            starts.push(count(next)?);
            next += new.terms.len();
        }
        // SAFETY: the engine lives; every array has the length announced for it, rows are its own, and it copies all.
        self.check("Highs_addCols", unsafe {
            guard::pg_clinic_add_columns(
                self.engine.as_ptr(),
                count(columns.len())?,
                costs.as_ptr(),
                lower.as_ptr(),
                upper.as_ptr(),
                count(indexes.len())?,
                starts.as_ptr(),
                indexes.as_ptr(),
                coefficients.as_ptr(),
            )
        })?;
        self.columns += columns.len();
        Ok(())
    }

    /// Solves from the last solution, feasible as it is, from the next run on.
    pub fn use_primal_simplex(&self) -> Result<(), SolverError> {
        self.set_int(c"simplex_strategy", PRIMAL_SIMPLEX)
    }

    /// Begin the next run with this solution, one value per column.
    pub fn set_start(&self, values: &[f64]) -> Result<(), SolverError> {
        assert_eq!(values.len(), self.columns, "a start has a value for every column");
        // SAFETY: as long as there are columns, see above, and the engine copies the values.
        self.check("Highs_setSolution", unsafe {
            guard::pg_clinic_set_solution(self.engine.as_ptr(), values.as_ptr())
        })
    }

    /// Runs it. A panic of the listener comes out of here, when the engine has come to rest.
    pub fn run(&self, run: &Run, listener: &mut Listener<'_>) -> Result<Outcome, SolverError> {
        self.set_flag(c"solve_relaxation", run.relaxed)?;
        self.set_text(c"presolve", if run.without_presolve { c"off" } else { c"choose" })?;
        self.set_number(c"time_limit", run.seconds.unwrap_or(f64::INFINITY))?;
        let nodes =
            run.nodes.map_or(HighsInt::MAX, |nodes| HighsInt::try_from(nodes).unwrap_or(HighsInt::MAX));
        self.set_int(c"mip_max_nodes", nodes.max(0))?;
        self.set_number(c"mip_abs_gap", run.absolute_gap)?;

        let mut wire = Wire { listener, cancelled: false, panic: None };
        self.set_callback(Some(&mut wire))?;
        // SAFETY: the engine lives, and the wire lives longer than the run.
        let status = unsafe { guard::pg_clinic_run(self.engine.as_ptr()) };
        let disconnected = self.set_callback(None);
        if let Some(panic) = wire.panic.take() {
            resume_unwind(panic);
        }
        if wire.cancelled {
            return Ok(Outcome::Cancelled);
        }
        disconnected?;
        match status {
            sys::STATUS_ERROR => Ok(Outcome::Lost),
            status => self.check("Highs_run", status).and_then(|()| self.outcome()),
        }
    }

    fn outcome(&self) -> Result<Outcome, SolverError> {
        // SAFETY: the engine lives.
        match unsafe { sys::Highs_getModelStatus(self.engine.as_ptr()) } {
            sys::MODEL_STATUS_OPTIMAL | sys::MODEL_STATUS_MODEL_EMPTY => Ok(Outcome::Optimal),
            sys::MODEL_STATUS_INFEASIBLE => Ok(Outcome::Infeasible),
            sys::MODEL_STATUS_UNBOUNDED => Err(SolverError::Unbounded),
            sys::MODEL_STATUS_REACHED_TIME_LIMIT
            | sys::MODEL_STATUS_REACHED_SOLUTION_LIMIT
            | sys::MODEL_STATUS_REACHED_ITERATION_LIMIT => Ok(Outcome::Limit),
            sys::MODEL_STATUS_REACHED_MEMORY_LIMIT => Err(SolverError::OutOfMemory),
            _ => Ok(Outcome::Lost),
        }
    }

    /// The columns' values, if the last run left a feasible solution.
    pub fn values(&self) -> Result<Option<Vec<f64>>, SolverError> {
        let mut status: HighsInt = 0;
        // SAFETY: the engine lives, the name ends with a zero, and the target is of the type of this item.
        self.check("Highs_getIntInfoValue", unsafe {
            guard::pg_clinic_get_int(
                self.engine.as_ptr(),
                c"primal_solution_status".as_ptr(),
                &raw mut status,
            )
        })?;
        if status != sys::SOLUTION_STATUS_FEASIBLE {
            return Ok(None);
        }
        Ok(Some(self.solution()?.values))
    }

    /// The rows' dual values of the last run, which must have been to optimality, without integers.
    pub fn row_duals(&self) -> Result<Vec<f64>, SolverError> {
        Ok(self.solution()?.row_duals)
    }

    /// The value of each column and what another unit of it costs, of the last run, as for the rows' dual values.
    pub fn reduced_costs(&self) -> Result<Vec<(f64, f64)>, SolverError> {
        let solution = self.solution()?;
        Ok(solution.values.into_iter().zip(solution.column_duals).collect())
    }

    fn solution(&self) -> Result<Solved, SolverError> {
        let (mut values, mut column_duals) = (vec![0.0; self.columns], vec![0.0; self.columns]);
        let (mut activities, mut row_duals) = (vec![0.0; self.rows], vec![0.0; self.rows]);
        // SAFETY: the engine lives, and fills at most as many numbers as it has columns and rows.
        self.check("Highs_getSolution", unsafe {
            guard::pg_clinic_get_solution(
                self.engine.as_ptr(),
                values.as_mut_ptr(),
                column_duals.as_mut_ptr(),
                activities.as_mut_ptr(),
                row_duals.as_mut_ptr(),
            )
        })?;
        Ok(Solved { values, column_duals, row_duals })
    }

    /// The multipliers of the rows that prove an infeasible linear model to be so, if the last run left them.
    pub fn dual_ray(&self) -> Result<Option<Vec<f64>>, SolverError> {
        let mut has_ray: HighsInt = 0;
        // SAFETY: the engine lives; without an array it only says whether there is a ray, and runs nothing.
        self.check("Highs_getDualRay", unsafe {
            guard::pg_clinic_get_dual_ray(self.engine.as_ptr(), &raw mut has_ray, null_mut())
        })?;
        if has_ray == 0 {
            return Ok(None);
        }
        let mut ray = vec![0.0; self.rows];
        // SAFETY: as above; the array has room for every row.
        self.check("Highs_getDualRay", unsafe {
            guard::pg_clinic_get_dual_ray(self.engine.as_ptr(), &raw mut has_ray, ray.as_mut_ptr())
        })?;
        Ok((has_ray != 0).then_some(ray))
    }

    /// The objective of the last run.
    pub fn objective(&self) -> Result<f64, SolverError> {
        self.number(c"objective_function_value")
    }

    /// The bound that no integer solution can be better than, after a run with integers.
    pub fn integer_bound(&self) -> Result<Option<f64>, SolverError> {
        Ok(finite(self.number(c"mip_dual_bound")?))
    }

    /// Nodes searched in the last run with integers.
    pub fn nodes(&self) -> Result<i64, SolverError> {
        let mut nodes = 0_i64;
        // SAFETY: the engine lives, the name ends with a zero, and the target is of the type of this item.
        self.check("Highs_getInt64InfoValue", unsafe {
            guard::pg_clinic_get_int64(self.engine.as_ptr(), c"mip_node_count".as_ptr(), &raw mut nodes)
        })?;
        Ok(nodes.max(0))
    }

    fn number(&self, name: &CStr) -> Result<f64, SolverError> {
        let mut value = 0.0;
        // SAFETY: the engine lives, the name ends with a zero, and the items read are doubles.
        self.check("Highs_getDoubleInfoValue", unsafe {
            guard::pg_clinic_get_number(self.engine.as_ptr(), name.as_ptr(), &raw mut value)
        })?;
        Ok(value)
    }

    /// Connects the engine with a listener, or disconnects it from the last one.
    fn set_callback(&self, wire: Option<&mut Wire<'_, '_>>) -> Result<(), SolverError> {
        let is_connected = wire.is_some();
        let wire: *mut c_void = wire.map_or(null_mut(), |wire| std::ptr::from_mut(wire).cast());
        // SAFETY: the engine lives. `run` disconnects the wire before the wire dies.
        self.check("Highs_setCallback", unsafe {
            guard::pg_clinic_set_callback(self.engine.as_ptr(), on_callback, wire)
        })?;
        if !is_connected {
            return Ok(());
        }
        for kind in [sys::kHighsCallbackSimplexInterrupt, sys::kHighsCallbackMipInterrupt] {
            // SAFETY: the engine lives, and the kind is one of its own.
            self.check("Highs_startCallback", unsafe {
                guard::pg_clinic_start_callback(self.engine.as_ptr(), kind)
            })?;
        }
        Ok(())
    }

    fn set_flag(&self, name: &CStr, value: bool) -> Result<(), SolverError> {
        // SAFETY: the engine lives, and the name ends with a zero.
        self.check_option(name, unsafe {
            guard::pg_clinic_set_flag(self.engine.as_ptr(), name.as_ptr(), value.into())
        })
    }

    fn set_int(&self, name: &CStr, value: HighsInt) -> Result<(), SolverError> {
        // SAFETY: as for a flag.
        self.check_option(name, unsafe {
            guard::pg_clinic_set_int(self.engine.as_ptr(), name.as_ptr(), value)
        })
    }

    fn set_number(&self, name: &CStr, value: f64) -> Result<(), SolverError> {
        // SAFETY: as for a flag.
        self.check_option(name, unsafe {
            guard::pg_clinic_set_number(self.engine.as_ptr(), name.as_ptr(), value)
        })
    }

    fn set_text(&self, name: &CStr, value: &CStr) -> Result<(), SolverError> {
        // SAFETY: as for a flag; the value ends with a zero too, and is copied.
        self.check_option(name, unsafe {
            guard::pg_clinic_set_text(self.engine.as_ptr(), name.as_ptr(), value.as_ptr())
        })
    }

    fn check_option(&self, name: &CStr, status: HighsInt) -> Result<(), SolverError> {
        if status == sys::STATUS_OK {
            return Ok(());
        }
        if status == guard::NO_MEMORY {
            return Err(SolverError::OutOfMemory);
        }
        Err(SolverError::Engine(format!("HiGHS refused the option {}", name.to_string_lossy())))
    }

    /// A warning is no failure: running into a limit is one.
    fn check(&self, call: &str, status: HighsInt) -> Result<(), SolverError> {
        if status == guard::NO_MEMORY {
            return Err(SolverError::OutOfMemory);
        }
        if status == guard::EXCEPTION {
            return Err(SolverError::Engine(format!("{call} broke down")));
        }
        if status == sys::STATUS_ERROR {
            return Err(SolverError::Engine(format!("{call} failed")));
        }
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the engine lives and nothing uses it any more.
        unsafe { guard::pg_clinic_destroy(self.engine.as_ptr()) };
        if ENGINES.fetch_sub(1, Relaxed) == 1 {
            pg_clinic_memory::MEMORY.engine_is_at_rest();
        }
    }
}

/// HiGHS says infinite where it knows nothing.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Called by HiGHS in the middle of a run.
unsafe extern "C" fn on_callback(
    kind: c_int,
    _message: *const c_char,
    data: *const sys::HighsCallbackDataOut,
    answer: *mut sys::HighsCallbackDataIn,
    wire: *mut c_void,
) {
    // SAFETY: HiGHS passes the pointer `set_callback` gave it, null or a wire that outlives the run and that `run`
    // doesn't touch meanwhile; the other two point to structs of HiGHS for the time of this call, or nowhere.
    let (wire, data, answer) =
        unsafe { (wire.cast::<Wire<'_, '_>>().as_mut(), data.as_ref(), answer.as_mut()) };
    let (Some(wire), Some(data), Some(answer)) = (wire, data, answer) else { return };
    let in_search = kind == sys::kHighsCallbackMipInterrupt;
    // Interrupting is allowed in these two only.
    if !in_search && kind != sys::kHighsCallbackSimplexInterrupt {
        return;
    }
    if !wire.cancelled && wire.panic.is_none() {
        let listener = &mut *wire.listener;
        let found = if in_search { finite(data.mip_primal_bound) } else { None };
        let proven = if in_search && !listener.is_partial { finite(data.mip_dual_bound) } else { None };
        let progress = Progress {
            incumbent: least(found, listener.incumbent),
            bound: greatest(proven, listener.bound),
            nodes: if in_search { data.mip_node_count.max(0) } else { 0 },
            seconds: listener.started.elapsed().as_secs_f64(),
        };
        match catch_unwind(AssertUnwindSafe(|| (listener.on_progress)(&progress))) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => wire.cancelled = true,
            Err(panic) => wire.panic = Some(panic),
        }
    }
    answer.user_interrupt = (wire.cancelled || wire.panic.is_some()).into();
}

/// The smaller of what is known.
pub fn least(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::min)
}

/// The larger of what is known.
pub fn greatest(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}
