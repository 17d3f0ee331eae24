// What stands between HiGHS and the rest: its memory is counted with Rust's, and none of its exceptions gets out. One that
// reached Rust would abort the process, and with a PostgreSQL backend the whole server.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <new>

extern "C" {

// In src/memory/allocator.rs.
void* pg_clinic_engine_new(std::size_t bytes);
void pg_clinic_engine_delete(void* memory);
void pg_clinic_engine_end();

void* Highs_create();
void Highs_destroy(void*);
int Highs_passMip(void*, int, int, int, int, int, double, const double*, const double*, const double*, const double*,
                  const double*, const int*, const int*, const double*, const int*);
int Highs_addCols(void*, int, const double*, const double*, const double*, int, const int*, const int*, const double*);
int Highs_run(void*);
int Highs_zeroAllClocks(const void*);
int Highs_getDualRay(const void*, int*, double*);
int Highs_getSolution(const void*, double*, double*, double*, double*);
int Highs_setSolution(void*, const double*, const double*, const double*, const double*);
int Highs_setBoolOptionValue(void*, const char*, int);
int Highs_setIntOptionValue(void*, const char*, int);
int Highs_setDoubleOptionValue(void*, const char*, double);
int Highs_setStringOptionValue(void*, const char*, const char*);
int Highs_getIntInfoValue(const void*, const char*, int*);
int Highs_getInt64InfoValue(const void*, const char*, std::int64_t*);
int Highs_getDoubleInfoValue(const void*, const char*, double*);
int Highs_setCallback(void*, void (*)(int, const char*, const void*, void*, void*), void*);
int Highs_startCallback(void*, int);
void Highs_resetGlobalScheduler(int);
}

// HiGHS uses no others. The library exports none of them: PostgreSQL and other libraries keep their own. Texts that the
// standard library makes come from its own `new`, but may end in this `delete`; both are malloc and free beneath.
void* operator new(std::size_t bytes) {
  void* memory = pg_clinic_engine_new(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void operator delete(void* memory) noexcept { pg_clinic_engine_delete(memory); }
void operator delete[](void* memory) noexcept { pg_clinic_engine_delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { pg_clinic_engine_delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { pg_clinic_engine_delete(memory); }

namespace {

// HiGHS itself calls an error -1.
const int kException = -2;
const int kNoMemory = -3;

// For what is thrown where nothing may be thrown.
[[noreturn]] void end() {
  pg_clinic_engine_end();
  std::abort();
}

// Runs a call of HiGHS, whatever it throws.
template <typename Call>
int guarded(Call call) noexcept {
  const std::terminate_handler before = std::set_terminate(end);
  int status;
  try {
    status = call();
  } catch (const std::bad_alloc&) {
    status = kNoMemory;
  } catch (...) {
    status = kException;
  }
  std::set_terminate(before);
  return status;
}

}  // namespace

extern "C" {

void* pg_clinic_create() {
  void* engine = nullptr;
  guarded([&] {
    engine = Highs_create();
    return 0;
  });
  return engine;
}

void pg_clinic_destroy(void* engine) {
  guarded([&] {
    Highs_destroy(engine);
    // With one thread the scheduler has no worker to stop, but memory to give back.
    Highs_resetGlobalScheduler(1);
    return 0;
  });
}

int pg_clinic_pass_mip(void* engine, int columns, int rows, int terms, int format, int sense, double offset,
                       const double* costs, const double* lower, const double* upper, const double* row_lower,
                       const double* row_upper, const int* starts, const int* indexes, const double* coefficients,
                       const int* integrality) {
  return guarded([&] {
    return Highs_passMip(engine, columns, rows, terms, format, sense, offset, costs, lower, upper, row_lower, row_upper,
                         starts, indexes, coefficients, integrality);
  });
}

int pg_clinic_add_columns(void* engine, int columns, const double* costs, const double* lower, const double* upper,
                          int terms, const int* starts, const int* indexes, const double* coefficients) {
  return guarded(
      [&] { return Highs_addCols(engine, columns, costs, lower, upper, terms, starts, indexes, coefficients); });
}

int pg_clinic_run(void* engine) {
  return guarded([&] {
    // The engine's clock counts all runs together, its limit only one.
    const int status = Highs_zeroAllClocks(engine);
    return status == 0 ? Highs_run(engine) : status;
  });
}

int pg_clinic_get_dual_ray(const void* engine, int* has_ray, double* ray) {
  return guarded([&] { return Highs_getDualRay(engine, has_ray, ray); });
}

int pg_clinic_get_solution(const void* engine, double* values, double* column_duals, double* activities,
                           double* row_duals) {
  return guarded([&] { return Highs_getSolution(engine, values, column_duals, activities, row_duals); });
}

int pg_clinic_set_solution(void* engine, const double* values) {
  return guarded([&] { return Highs_setSolution(engine, values, nullptr, nullptr, nullptr); });
}

int pg_clinic_set_flag(void* engine, const char* name, int value) {
  return guarded([&] { return Highs_setBoolOptionValue(engine, name, value); });
}

int pg_clinic_set_int(void* engine, const char* name, int value) {
  return guarded([&] { return Highs_setIntOptionValue(engine, name, value); });
}

int pg_clinic_set_number(void* engine, const char* name, double value) {
  return guarded([&] { return Highs_setDoubleOptionValue(engine, name, value); });
}

int pg_clinic_set_text(void* engine, const char* name, const char* value) {
  return guarded([&] { return Highs_setStringOptionValue(engine, name, value); });
}

int pg_clinic_get_int(const void* engine, const char* name, int* value) {
  return guarded([&] { return Highs_getIntInfoValue(engine, name, value); });
}

int pg_clinic_get_int64(const void* engine, const char* name, std::int64_t* value) {
  return guarded([&] { return Highs_getInt64InfoValue(engine, name, value); });
}

int pg_clinic_get_number(const void* engine, const char* name, double* value) {
  return guarded([&] { return Highs_getDoubleInfoValue(engine, name, value); });
}

int pg_clinic_set_callback(void* engine, void (*callback)(int, const char*, const void*, void*, void*), void* data) {
  return guarded([&] { return Highs_setCallback(engine, callback, data); });
}

int pg_clinic_start_callback(void* engine, int kind) {
  return guarded([&] { return Highs_startCallback(engine, kind); });
}
}
