// Answers the same requests as the reference program beside it, one JSON object a line, so that a
// script can ask both:
// {"dir":…, "files":[…], "env":{…}, "profiles":[…], "args":[…]} -> {"status", "errors", "tree",
// "warnings"}. With "text": true the texts of `config` stand in the place of the tree: "yaml",
// "json", "hashes", and whether the YAML loads again to the same model ("again", empty when it
// does).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "compose/load.hpp"
#include "compose/print_model.hpp"
#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/file_system.hpp"

namespace {

std::vector<std::string> texts_in(const doc::Node& node, const char* key) {
  std::vector<std::string> out;
  const doc::Node* found = node.find(key);
  if (found != nullptr && found->as_sequence() != nullptr) {
    for (const doc::Node& item : found->as_sequence()->items) {
      out.push_back(*item.as_string());
    }
  }
  return out;
}

compose::LoadRequest to_request(const doc::Node& node) {
  compose::LoadRequest request;
  request.drop_unused_resources = true;
  if (const doc::Node* dir = node.find("dir")) {
    request.current_dir = *dir->as_string();
  }
  request.files = texts_in(node, "files");
  request.profiles = texts_in(node, "profiles");
  if (const doc::Node* env = node.find("env"); env != nullptr && env->as_mapping() != nullptr) {
    for (const doc::Entry& entry : env->as_mapping()->entries) {
      request.environment[entry.key.value] = *entry.value.as_string();
    }
  }
  for (const std::string& arg : texts_in(node, "args")) {
    request.check_consistency = request.check_consistency && arg != "-no-consistency";
  }
  return request;
}

// Why the printed model is not the one it was printed from.
std::string difference_again(const doc::Node& tree,
                             const std::string& yaml,
                             compose::LoadRequest request) {
  request.files = {"-"};
  request.standard_input = yaml;
  diag::SourceMap sources;
  diag::Bag problems;
  const util::RealFileSystem files;
  const std::optional<doc::Node> again = compose::load_model(request, files, sources, problems);
  if (!again) {
    return problems.all().front().message;
  }
  return doc::equivalent(tree, *again) ? std::string() : doc::to_json(*again);
}

void add_texts(doc::Node& out, const doc::Node& tree, const compose::LoadRequest& request) {
  using compose::ModelFormat;
  using compose::ModelState;
  const std::string yaml = compose::print_model(tree, ModelState::bound, ModelFormat::yaml);
  std::vector<std::pair<std::string_view, doc::Node>> hashes;
  for (const doc::Entry& service : tree.find("services")->as_mapping()->entries) {
    hashes.emplace_back(service.key.value, doc::Node{compose::service_hash(service.value, "")});
  }
  doc::Mapping& fields = *out.as_mapping();
  fields.set("again", doc::Node{difference_again(tree, yaml, request)});
  fields.set("yaml", doc::Node{yaml});
  fields.set("json", doc::Node{compose::print_model(tree, ModelState::bound, ModelFormat::json)});
  fields.set("hashes", doc::map(std::move(hashes)));
}

// How the answer is wanted: with the texts that config prints; without the tree, for time alone,
// and loaded so often.
struct Wish {
  bool texts = false;
  bool quiet = false;
  std::int64_t repeat = 1;
};

Wish to_wish(const doc::Node& node) {
  const doc::Node* repeat = node.find("repeat");
  return {node.find("text") != nullptr,
          node.find("quiet") != nullptr,
          repeat == nullptr || repeat->as_int() == nullptr ? 1 : *repeat->as_int()};
}

struct Loaded {
  diag::SourceMap sources;
  diag::Bag problems;
  std::optional<doc::Node> tree;
  std::int64_t micros = 0;
};

void load_into(Loaded& out, const compose::LoadRequest& request) {
  const util::RealFileSystem files;
  const auto start = std::chrono::steady_clock::now();
  out.tree = compose::load_model(request, files, out.sources, out.problems);
  out.micros = std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::steady_clock::now() - start)
                   .count();
}

doc::Node answer(const compose::LoadRequest& request, const Wish& wish) {
  Loaded loaded;
  load_into(loaded, request);
  for (std::int64_t i = 1; i < wish.repeat; ++i) {
    Loaded again;
    load_into(again, request);
    loaded.micros = std::min(loaded.micros, again.micros);
  }
  std::optional<doc::Node>& tree = loaded.tree;
  const diag::Bag& problems = loaded.problems;
  std::vector<doc::Node> errors;
  std::vector<doc::Node> warnings;
  for (const diag::Diagnostic& each : problems.all()) {
    if (each.severity == diag::Severity::error) {
      errors.emplace_back(each.message);
    } else if (each.severity == diag::Severity::warning) {
      warnings.emplace_back("level=warning msg=" + doc::json_quote(each.message));
    }
  }
  doc::Node out = doc::map({{"status", doc::Node{tree ? "ok" : "error"}},
                            {"errors", doc::list(std::move(errors))},
                            {"warnings", doc::list(std::move(warnings))},
                            {"micros", doc::Node{loaded.micros}}});
  if (tree && wish.texts) {
    add_texts(out, *tree, request);
  } else if (tree && !wish.quiet) {
    out.as_mapping()->set("tree", std::move(*tree));
  }
  return out;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const util::Result<doc::Node, doc::JsonError> node = doc::read_json(line);
    const std::string text = node ? doc::to_json(answer(to_request(*node), to_wish(*node)))
                                  : "{\"status\":\"unreadable\"}";
    std::puts(text.c_str());
    std::fflush(stdout);
  }
  return 0;
}
