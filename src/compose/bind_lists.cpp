#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "compose/bind_values.hpp"
#include "compose/go_text.hpp"
#include "compose/units.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

void warn_of_cut(const doc::Node& node, BindPlace& at, const CommandLine& line) {
  if (line.cut != std::string_view::npos) {
    at.problems().report({diag::Severity::note,
                          "compose.command-cut",
                          "the command ends at the unquoted `" +
                              std::string(1, (*node.as_string())[line.cut]) +
                              "`, as it does with Docker Compose",
                          known(node.span),
                          {},
                          "no shell runs it; write [\"sh\", \"-c\", \"…\"] to have one"});
  }
}

struct HostAddress {
  std::string host;
  std::string address;
  diag::Span span;
};

void add_addresses(std::vector<HostAddress>& out, const std::string& host, const doc::Node& value) {
  if (const doc::Sequence* list = value.as_sequence()) {
    for (const doc::Node& item : list->items) {
      out.push_back({host, plain_text(item), item.span});
    }
  } else {
    out.push_back({host, value.is_null() ? std::string() : plain_text(value), value.span});
  }
}

bool set_hosts(doc::Node& node, BindPlace& at, const std::vector<HostAddress>& all) {
  doc::Sequence out;
  for (const HostAddress& each : all) {
    if (each.host.empty() || each.host.find_first_of(":=") != std::string::npos) {
      return at.fail(node, "bad host name '" + each.host + "'");
    }
    std::string_view ip = each.address;
    if (ip.size() > 2 && ip.front() == '[' && ip.back() == ']') {
      ip = ip.substr(1, ip.size() - 2);
    }
    out.items.push_back(placed(doc::Node{each.host + "=" + std::string(ip)}, each.span));
  }
  std::stable_sort(out.items.begin(), out.items.end(), [](const doc::Node& a, const doc::Node& b) {
    return *a.as_string() < *b.as_string();
  });
  node = placed(doc::Node{std::move(out)}, node.span);
  return true;
}

}  // namespace

bool bind_not_a_list(const doc::Node& node, BindPlace& at) {
  const std::string_view kind = node.as_mapping() != nullptr  ? "map"
                                : node.as_double() != nullptr ? "float64"
                                                              : type_name(node);
  return at.fail(node, "source data must be an array or slice, got " + std::string(kind));
}

bool bind_texts(doc::Node& node, BindPlace& at) {
  doc::Sequence* sequence = node.as_sequence();
  if (sequence == nullptr) {
    return bind_not_a_list(node, at);
  }
  bool good = true;
  for (std::size_t i = 0; i < sequence->items.size(); ++i) {
    at.item(i);
    good = (sequence->items[i].is_null() || bind_string(sequence->items[i], at)) && good;
    at.pop();
    if (sequence->items[i].is_null()) {
      set_text(sequence->items[i], "");
    }
  }
  return good;
}

bool bind_string_list(doc::Node& node, BindPlace& at, bool numbers) {
  if (node.as_string() != nullptr) {
    node = placed(doc::list({node}), node.span);
    return true;
  }
  doc::Sequence* sequence = node.as_sequence();
  if (sequence == nullptr) {
    return at.fail(node, "invalid type " + std::string(type_name(node)) + " for string list");
  }
  for (doc::Node& item : sequence->items) {
    if (text_of(item) == nullptr && !numbers) {
      return at.fail(item, "invalid type []interface {} for string list");
    }
    set_text(item, plain_text(item));
  }
  return true;
}

bool bind_command(doc::Node& node, BindPlace& at) {
  if (node.as_string() != nullptr && text_of(node) == nullptr) {
    node.value = doc::Null{};  // a date is no command, and nobody says so
    return true;
  }
  if (const std::string* text = node.as_string()) {
    const util::Result<CommandLine, std::string> line = split_command(*text);
    if (!line) {
      return at.fail(node, line.error());
    }
    warn_of_cut(node, at, *line);
    doc::Sequence words;
    for (const std::string& word : line->words) {
      words.items.push_back(placed(doc::Node{word}, node.span));
    }
    node = placed(doc::Node{std::move(words)}, node.span);
    return true;
  }
  if (doc::Sequence* sequence = node.as_sequence()) {
    for (doc::Node& item : sequence->items) {
      if (text_of(item) == nullptr) {
        return at.unconvertible(item, "string");
      }
    }
  }
  return true;
}

bool bind_health_test(doc::Node& node, BindPlace& at) {
  if (node.as_string() != nullptr) {
    node = placed(doc::list({placed(doc::Node{"CMD-SHELL"}, node.span), node}), node.span);
    return true;
  }
  if (node.as_sequence() == nullptr) {
    return at.fail(
        node, "unexpected value type " + std::string(type_name(node)) + " for healthcheck.test");
  }
  return bind_command(node, at);
}

bool bind_hosts(doc::Node& node, BindPlace& at) {
  std::vector<HostAddress> all;
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      if (entry.value.as_string() != nullptr && text_of(entry.value) == nullptr) {
        return at.fail(
            node,
            "unexpected value type " + std::string(type_name(node)) + " for extra_hosts entry");
      }
      add_addresses(all, entry.key.value, entry.value);
    }
  } else if (const doc::Sequence* sequence = node.as_sequence()) {
    for (const doc::Node& item : sequence->items) {
      const std::string text = plain_text(item);
      std::size_t cut = text.find('=');
      cut = cut == std::string::npos ? text.find(':') : cut;
      if (cut == std::string::npos) {
        return at.fail(item, "invalid additional host, missing IP: " + text);
      }
      for (std::string& address : util::split(std::string_view(text).substr(cut + 1), ',')) {
        all.push_back({text.substr(0, cut), std::move(address), item.span});
      }
    }
  } else {
    return at.fail(node,
                   "unexpected value type " + std::string(type_name(node)) + " for extra_hosts");
  }
  return set_hosts(node, at, all);
}

bool bind_ssh(doc::Node& node, BindPlace& at) {
  const doc::Mapping* mapping = node.as_mapping();
  if (mapping == nullptr) {
    return at.fail(node, "invalid ssh config type " + std::string(type_name(node)));
  }
  doc::Sequence out;
  for (const doc::Entry& entry : mapping->entries) {
    const std::string path = entry.value.is_null() ? std::string() : plain_text(entry.value);
    out.items.push_back(placed(
        doc::Node{path.empty() ? entry.key.value : entry.key.value + ": " + path}, entry.key.span));
  }
  std::sort(out.items.begin(), out.items.end(), [](const doc::Node& a, const doc::Node& b) {
    return *a.as_string() < *b.as_string();
  });
  node = placed(doc::Node{std::move(out)}, node.span);
  return true;
}

}  // namespace compose
