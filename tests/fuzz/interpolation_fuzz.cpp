// libFuzzer target: `${…}` in one text. What follows the first NUL is the value of the variable A.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compose/substitute.hpp"
#include "util/strings.hpp"

namespace {

class Variables final : public compose::VariableSource {
 public:
  explicit Variables(std::string_view value)
      : values_{{"A", value}, {"EMPTY", ""}, {"b_1", "$A"}} {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const override {
    const auto at = values_.find(name);
    return at == values_.end() ? std::nullopt : std::optional(at->second);
  }

  void unset(std::string_view name) override {
    if (name.empty() || values_.contains(name)) {
      __builtin_trap();
    }
  }

 private:
  std::map<std::string_view, std::string_view> values_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\0');
  const std::string_view text = input.substr(0, cut);
  Variables variables(cut == std::string_view::npos ? "1" : input.substr(cut + 1));
  static_cast<void>(compose::substitute(text, variables));
  // A text with every $ doubled means itself.
  const auto verbatim = compose::substitute(util::replace_all(text, "$", "$$"), variables);
  if (!verbatim || *verbatim != text) {
    __builtin_trap();
  }
  return 0;
}
