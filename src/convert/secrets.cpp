#include "convert/secrets.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "convert/extensions.hpp"
#include "convert/naming.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::size_t kSecretArnParts =
    7;  // arn:<partition>:secretsmanager:<region>:<account>:secret:<name>

enum class Store : std::uint8_t { project, secrets_manager, parameter_store };

Store store_of(const compose::FileObject& object) {
  if (!object.external) {
    return Store::project;
  }
  const bool parameter =
      object.name.starts_with("/") ||
      (object.name.starts_with("arn:") && object.name.find(":ssm:") != std::string::npos);
  return parameter ? Store::parameter_store : Store::secrets_manager;
}

std::string arn_parameter(const compose::FileObject& object) {
  return logical_id(object.key, "SecretArn").str();
}

std::string version_parameter(const compose::FileObject& object) {
  return logical_id(object.key, "SecretVersion").str();
}

doc::Node regional_arn(const std::string& service_and_kind, const std::string& name) {
  const std::size_t slash = service_and_kind.find('/');
  return cloudformation::sub(
      "arn:${AWS::Partition}:" + service_and_kind.substr(0, slash) +
      ":${AWS::Region}:${AWS::AccountId}:" + service_and_kind.substr(slash + 1) + name);
}

doc::Node parameter_arn(const std::string& name) {
  return name.starts_with("arn:") ? doc::Node(name) : regional_arn("ssm/parameter", name);
}

// Secrets Manager adds a hyphen and six characters to a name: a name that ends so itself cannot be
// told from another one's.
bool looks_completed(std::string_view name) {
  constexpr std::size_t kSuffix = 7;
  return name.size() > kSuffix && name[name.size() - kSuffix] == '-' &&
         std::all_of(name.end() - 6, name.end(), [](char c) { return util::is_alnum(c); });
}

doc::Node manager_value(Builder& builder,
                        const compose::FileObject& object,
                        std::string_view json_key,
                        const diag::Span& span) {
  const std::string suffix = json_key.empty() ? "" : ":" + std::string(json_key) + "::";
  if (!object.name.starts_with("arn:")) {
    if (looks_completed(object.name)) {
      builder.warning(
          "convert.external-secret",
          object.span,
          "secret `" + object.name +
              "` ends like a completed name, which Secrets Manager may mistake for another's",
          "give its ARN as `name`");
    }
    return regional_arn("secretsmanager/secret:", object.name + suffix);
  }
  const bool complete = util::split(object.name, ':').size() > kSecretArnParts;
  if (complete && !json_key.empty()) {
    builder.error("convert.external-secret",
                  span,
                  "secret `" + object.key + "` already names a member of its document",
                  "end its `name` after the name of the secret");
    return {};
  }
  return doc::Node(object.name + suffix);
}

// The ARN that a policy names.
doc::Node manager_resource(const std::string& name) {
  if (!name.starts_with("arn:")) {
    return regional_arn("secretsmanager/secret:", name + "-??????");
  }
  std::vector<std::string> parts = util::split(name, ':');
  parts.resize(std::min(parts.size(), kSecretArnParts));
  return doc::Node(util::join(parts, ":"));
}

doc::Node statement(std::string_view action, doc::Node resource) {
  return Fields()
      .add("Effect", "Allow")
      .add("Action", action)
      .add("Resource", std::move(resource))
      .node();
}

void add_variables(Builder& builder,
                   const compose::FileReference& reference,
                   const compose::FileObject& secret,
                   const doc::Node& given,
                   std::vector<SecretVariable>& out) {
  if (const std::string* name = given.as_string(); name != nullptr && !name->empty()) {
    out.push_back({*name, "", &secret, given.span});
    return;
  }
  const doc::Mapping* names = given.as_mapping();
  if (names == nullptr) {
    builder.error("convert.bad-extension",
                  given.span,
                  "`x-aws-env` of secret `" + reference.source.value +
                      "` must be the name of a variable, or a mapping of names to JSON keys");
    return;
  }
  for (const doc::Entry& entry : names->entries) {
    const std::string* key = entry.value.as_string();
    if (key == nullptr || key->find(':') != std::string::npos) {
      builder.error(
          "convert.bad-extension",
          entry.value.span,
          "the JSON key of variable `" + entry.key.value + "` must be a string without `:`");
      continue;
    }
    out.push_back({entry.key.value, *key, &secret, entry.key.span});
  }
}

const compose::FileObject* find_object(const std::map<std::string, compose::FileObject>& objects,
                                       const std::string& key) {
  const auto at = objects.find(key);
  return at == objects.end() ? nullptr : &at->second;
}

}  // namespace

doc::Node value_from(Builder& builder,
                     const compose::FileObject& object,
                     std::string_view json_key,
                     const diag::Span& span) {
  switch (store_of(object)) {
    case Store::project:
      return cloudformation::sub("${" + arn_parameter(object) + "}:" + std::string(json_key) +
                                 "::${" + version_parameter(object) + "}");
    case Store::secrets_manager: return manager_value(builder, object, json_key, span);
    case Store::parameter_store: break;
  }
  if (!json_key.empty()) {
    builder.error("convert.external-secret",
                  span,
                  "`" + object.name + "` is a parameter of Parameter Store, which has no JSON keys",
                  "keep the document in Secrets Manager, or each value in a parameter of its own");
    return {};
  }
  return parameter_arn(object.name);
}

void add_read_statements(doc::Sequence& statements, const compose::FileObject& object) {
  switch (store_of(object)) {
    case Store::project:
      statements.items.push_back(
          statement("secretsmanager:GetSecretValue", cloudformation::ref(arn_parameter(object))));
      break;
    case Store::secrets_manager:
      statements.items.push_back(
          statement("secretsmanager:GetSecretValue", manager_resource(object.name)));
      break;
    case Store::parameter_store:
      statements.items.push_back(statement("ssm:GetParameters", parameter_arn(object.name)));
      break;
  }
  if (const doc::Node* key = object.extensions.find("x-aws-kms_key")) {
    statements.items.push_back(statement("kms:Decrypt", *key));
  }
}

std::vector<SecretUpload> secret_uploads(const compose::Project& project) {
  std::set<std::string> used;
  for (const auto& [name, service] : project.services) {
    for (const compose::FileReference& reference : service.secrets) {
      used.insert(reference.source.value);
    }
  }
  std::vector<SecretUpload> out;
  for (const std::string& key : used) {
    const compose::FileObject* secret = find_object(project.secrets, key);
    if (secret != nullptr && store_of(*secret) == Store::project) {
      out.push_back({key,
                     "docker-compose/" + project.name + "/" + key,
                     arn_parameter(*secret),
                     version_parameter(*secret),
                     secret->file ? secret->file->value : std::string(),
                     secret->content ? &secret->content->value : nullptr});
    }
  }
  return out;
}

void add_secret_parameters(Builder& builder) {
  for (const SecretUpload& upload : secret_uploads(builder.project())) {
    builder.add_parameter(
        upload.arn_parameter,
        "String",
        "ARN of the secret " + upload.name + " in Secrets Manager, which `up` writes");
    builder.add_parameter(upload.version_parameter,
                          "String",
                          "Version of the secret's value; empty for the current one",
                          std::string());
  }
}

std::vector<SecretVariable> secret_variables(Builder& builder, const compose::Service& service) {
  std::vector<SecretVariable> out;
  for (const compose::FileReference& reference : service.secrets) {
    const compose::FileObject* secret =
        find_object(builder.project().secrets, reference.source.value);
    const doc::Node* given = reference.extensions.find("x-aws-env");
    if (secret != nullptr && given != nullptr) {
      add_variables(builder, reference, *secret, *given, out);
    }
  }
  std::set<std::string> seen;
  for (const SecretVariable& variable : out) {
    if (!seen.insert(variable.name).second) {
      builder.error(
          "convert.bad-extension",
          variable.span,
          "variable `" + variable.name + "` of `" + service.name + "` is given by two secrets");
    }
  }
  return out;
}

doc::Node secret_environment(Builder& builder, const std::vector<SecretVariable>& variables) {
  doc::Sequence out;
  for (const SecretVariable& variable : variables) {
    out.items.push_back(
        Fields()
            .add("Name", variable.name)
            .add("ValueFrom",
                 value_from(builder, *variable.secret, variable.json_key, variable.span))
            .node());
  }
  return out.items.empty() ? doc::Node() : doc::Node(std::move(out));
}

std::vector<std::string> secret_keys(Builder& builder, const compose::FileObject& secret) {
  const doc::Node* given = secret.extensions.find("x-aws-keys");
  std::vector<std::string> out;
  if (given == nullptr) {
    return out;
  }
  const auto add = [&](const doc::Node& node) {
    const std::string* key = node.as_string();
    if (key == nullptr || key->empty() || key->find_first_of(":/") != std::string::npos) {
      builder.error("convert.bad-extension",
                    node.span,
                    "`x-aws-keys` must be a JSON key or a list of them, without `:` and `/`");
    } else if (*key == "*") {
      builder.error(
          "convert.unsupported",
          node.span,
          "`x-aws-keys: *` cannot be converted: ECS reads members of a secret by name only",
          "list the keys");
    } else {
      out.push_back(*key);
    }
  };
  if (const doc::Sequence* list = given->as_sequence()) {
    std::for_each(list->items.begin(), list->items.end(), add);
  } else {
    add(*given);
  }
  return out;
}

}  // namespace convert
