#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compose/values.hpp"
#include "doc/node.hpp"

// Members of a bound mapping as typed values; absent ones are empty.
namespace compose {

std::string text(const doc::Node& node, std::string_view key);
std::optional<Text> located_text(const doc::Node& node, std::string_view key);
std::optional<Flag> flag(const doc::Node& node, std::string_view key);
bool is_true(const doc::Node& node, std::string_view key);
std::optional<Number> number(const doc::Node& node, std::string_view key);
std::optional<diag::Located<double>> real(const doc::Node& node, std::string_view key);
std::optional<Bytes> bytes(const doc::Node& node, std::string_view key);
std::optional<Duration> duration(const doc::Node& node, std::string_view key);
TextList texts(const doc::Node& node, std::string_view key);
Pairs pairs(const doc::Node& node, std::string_view key);
Variables variables(const doc::Node& node, std::string_view key);
Extensions extensions(const doc::Node& node);
std::span<const doc::Node> items(const doc::Node& node, std::string_view key);
std::span<const doc::Entry> entries(const doc::Node& node, std::string_view key);

}  // namespace compose
