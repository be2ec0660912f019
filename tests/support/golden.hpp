#pragma once

#include <string>
#include <string_view>

namespace test {

// The bytes of a file below the source tree (tests run with it as working directory); fails the test when absent.
std::string read_file(const std::string& path);

// Compares `actual` with the file `path`. With ACCEPT_GOLDENS=1 in the environment the file is rewritten instead and
// the test fails once, so that an accepting run never counts as a pass.
void check_golden(const std::string& path, std::string_view actual);

}  // namespace test
