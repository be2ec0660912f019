#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.hpp"
#include "doc/node.hpp"

// The small types that the attributes of a project are made of.
namespace compose {

using Text = diag::Located<std::string>;
using Flag = diag::Located<bool>;
using Number = diag::Located<std::int64_t>;
using Bytes = diag::Located<std::int64_t>;
using Duration = diag::Located<std::chrono::nanoseconds>;
using Cpus = diag::Located<double>;  // vCPUs; 0.5 is half of one
using TextList = std::vector<Text>;

// `x-*` members of the mapping that the struct was read from, in source order, resolved like
// everything else.
using Extensions = doc::Mapping;

// `environment`, `build.args`. Without a value: the variable must not exist in the container (not
// even empty).
struct Variable {
  std::string name;
  std::optional<std::string> value;
  diag::Span span;
};

using Variables = std::vector<Variable>;  // sorted by name, each name once

// Labels, options, sysctls, annotations.
struct Pair {
  std::string name;
  std::string value;
  diag::Span span;
};

using Pairs = std::vector<Pair>;  // sorted by name, each name once

const std::string* find(const Pairs& pairs, std::string_view name);
const Variable* find(const Variables& variables, std::string_view name);

}  // namespace compose
