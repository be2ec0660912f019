#pragma once

namespace util {

// std::visit(overloaded{[](A) {}, [](B) {}}, v)
template <class... F>
struct overloaded : F... {  // NOLINT(readability-identifier-naming): the idiom's name
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

}  // namespace util
