#include "compose/substitute.hpp"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

class Fixed final : public compose::VariableSource {
 public:
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    if (name == "A") {
      return "1";
    }
    return name == "E" ? std::optional<std::string_view>("") : std::nullopt;
  }

  void unset(std::string_view name) override { warned.emplace_back(name); }

  std::vector<std::string> warned;
};

std::string run(std::string_view text) {
  Fixed variables;
  const auto value = compose::substitute(text, variables);
  if (value) {
    return *value;
  }
  return value.error().required.empty() ? "invalid: " + value.error().invalid
                                        : value.error().required;
}

}  // namespace

TEST_CASE("every operator, nested defaults and the quirks of brace matching") {
  CHECK(run("${U:-${V:-${A}}}") == "1");
  CHECK(run("${U:-a}b${V:-c}") == "abc");
  CHECK(run("${U-a:-b}") == "a:-b");
  CHECK(run(R"(${U:-{"x":{"y":1}}}z)") == R"({"x":{"y":1}}z)");
  CHECK(run("${U:-{}}") == "{}");
  CHECK(run("{{${A}}}") == "{{1}}");
  CHECK(run("$$$A") == "$1");
  CHECK(run("$${A}") == "${A}");
  CHECK(run("\\$A") == "\\1");
  CHECK(run("${U:+a}${A:+b}") == "b");
  CHECK(run("${U:-$}") == "$");
  CHECK(run("${E:-d}${E-d}${E:+x}${E+y}") == "dy");
  CHECK(run("$1 $(x) $ $") == "$1 $(x) $ $");
  CHECK(run("${U:?need ${A}}") == "required variable U is missing a value: need 1");
  CHECK(run("${U?}") == "required variable U is missing a value");
}

TEST_CASE("what is no template is an error that shows the text") {
  for (const char* bad : {"${}",
                          "${ A}",
                          "${A }",
                          "${1A}",
                          "${A:d}",
                          "${A!B}",
                          "${A//x/y}",
                          "${#A}",
                          "${A",
                          "${U:-x",
                          "${U:-a\nb}"}) {
    CHECK(run(bad) == "invalid: " + std::string(bad));
  }
  CHECK(run(R"(${U:-{"a":{}}} ${A})").starts_with("invalid: "));
}

TEST_CASE("a variable that is not set is told, a defaulted one is not") {
  Fixed variables;
  CHECK(compose::substitute("$U ${V} ${W:-}", variables).value() == "  ");
  CHECK(variables.warned == std::vector<std::string>{"U", "V"});
}
