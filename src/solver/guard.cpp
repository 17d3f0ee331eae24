// The calls of HiGHS that allocate without end, each behind a net: an exception of C++ (out of memory, mostly) that
// reached Rust would abort the process, and with a PostgreSQL backend the whole server.

extern "C" {

int Highs_passMip(void*, int, int, int, int, int, double, const double*, const double*, const double*, const double*,
                  const double*, const int*, const int*, const double*, const int*);
int Highs_addCols(void*, int, const double*, const double*, const double*, int, const int*, const int*, const double*);
int Highs_run(void*);
int Highs_getDualRay(const void*, int*, double*);
int Highs_setSolution(void*, const double*, const double*, const double*, const double*);

// HiGHS itself calls an error -1.
static const int kException = -2;

int pg_clinic_pass_mip(void* engine, int columns, int rows, int terms, int format, int sense, double offset,
                       const double* costs, const double* lower, const double* upper, const double* row_lower,
                       const double* row_upper, const int* starts, const int* indexes, const double* coefficients,
                       const int* integrality) {
  try {
    return Highs_passMip(engine, columns, rows, terms, format, sense, offset, costs, lower, upper, row_lower, row_upper,
                         starts, indexes, coefficients, integrality);
  } catch (...) {
    return kException;
  }
}

int pg_clinic_add_columns(void* engine, int columns, const double* costs, const double* lower, const double* upper,
                          int terms, const int* starts, const int* indexes, const double* coefficients) {
  try {
    return Highs_addCols(engine, columns, costs, lower, upper, terms, starts, indexes, coefficients);
  } catch (...) {
    return kException;
  }
}

int pg_clinic_run(void* engine) {
  try {
    return Highs_run(engine);
  } catch (...) {
    return kException;
  }
}

int pg_clinic_get_dual_ray(const void* engine, int* has_ray, double* ray) {
  try {
    return Highs_getDualRay(engine, has_ray, ray);
  } catch (...) {
    return kException;
  }
}

int pg_clinic_set_solution(void* engine, const double* values) {
  try {
    return Highs_setSolution(engine, values, nullptr, nullptr, nullptr);
  } catch (...) {
    return kException;
  }
}
}
