#include "awsapi/logs.hpp"
#include "awsapi/secretsmanager.hpp"
#include "awsapi/ssm.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "local/providers/api_call.hpp"
#include "util/strings.hpp"

namespace local {
namespace {

namespace logs_api = awsapi::logs;
namespace sm = awsapi::secretsmanager;
namespace ssm_api = awsapi::ssm;

// Log groups, secrets and parameters: things with a name and a value.

Progress set_retention(const Providing& p,
                       const ResourceRequest& request,
                       const std::string& name) {
  const auto days = util::parse_int(text_property(request.properties, "RetentionInDays"));
  doc::Node input = doc::map({{"logGroupName", doc::Node{name}}});
  if (!days) {
    if (request.previous.find("RetentionInDays") != nullptr) {
      (void)call_api(p, logs_api::DeleteRetentionPolicyRequest::operation(), input);
    }
    return {};
  }
  const awsapi::Operation& operation = logs_api::PutRetentionPolicyRequest::operation();
  input.as_mapping()->set("retentionInDays", doc::Node{*days});
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
}

Progress create_log_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = logs_api::CreateLogGroupRequest::operation();
  std::string name = text_property(request.properties, "LogGroupName");
  if (name.empty()) {
    name = physical_name(p, request, 512);
  }
  doc::Node input = doc::map({{"logGroupName", doc::Node{name}}, {"tags", tag_map(request)}});
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out = set_retention(p, request, name);
  out.physical_id = name;
  out.attributes = attributes({{"Arn", p.context.arn("logs", "log-group:" + name + ":*")}});
  return out;
}

Progress update_log_group(const Providing& p, const ResourceRequest& request) {
  return set_retention(p, request, request.physical_id);
}

Progress remove_log_group(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = logs_api::DeleteLogGroupRequest::operation();
  auto response =
      call_api(p, operation, doc::map({{"logGroupName", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ResourceNotFoundException") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

// A password as GenerateSecretString describes it.
std::string generated(const Providing& p, const doc::Node& how) {
  const auto flag = [&](std::string_view name) {
    return util::iequals(text_property(how, name), "true");
  };
  std::string alphabet;
  alphabet += flag("ExcludeLowercase") ? "" : "abcdefghijklmnopqrstuvwxyz";
  alphabet += flag("ExcludeUppercase") ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  alphabet += flag("ExcludeNumbers") ? "" : "0123456789";
  alphabet += flag("ExcludePunctuation") ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  alphabet += flag("IncludeSpace") ? " " : "";
  const std::string excluded = text_property(how, "ExcludeCharacters");
  std::erase_if(alphabet, [&](char c) { return excluded.find(c) != std::string::npos; });
  const auto length = util::parse_int(text_property(how, "PasswordLength")).value_or(32);
  std::string password;
  while (!alphabet.empty() && password.size() < static_cast<std::size_t>(length)) {
    const auto byte = static_cast<std::size_t>(std::stoul(p.context.ids.hex(4), nullptr, 16));
    password += alphabet[byte % alphabet.size()];
  }
  const std::string key = text_property(how, "GenerateStringKey");
  if (key.empty()) {
    return password;
  }
  auto shape = doc::read_json(text_property(how, "SecretStringTemplate"));
  doc::Mapping map =
      shape && shape->as_mapping() != nullptr ? *shape->as_mapping() : doc::Mapping{};
  map.set(key, doc::Node{password});
  return doc::to_json(doc::Node{std::move(map)});
}

Progress create_secret(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = sm::CreateSecretRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  doc::Mapping& map = *input.as_mapping();
  if (map.find("Name") == nullptr) {
    map.set("Name", doc::Node{request.logical_id + "-" + p.context.ids.alnum(12)});
  }
  if (const doc::Node* how = request.properties.find("GenerateSecretString")) {
    map.set("SecretString", doc::Node{generated(p, *how)});
  }
  map.set("ClientRequestToken", doc::Node{request.token});
  map.set("Tags", tag_list(request, "Key", "Value"));
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = text_at(*response, {"ARN"});
  out.attributes = attributes({{"Id", out.physical_id}});
  return out;
}

Progress update_secret(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = sm::UpdateSecretRequest::operation();
  doc::Node input = doc::map({{"SecretId", doc::Node{request.physical_id}},
                              {"ClientRequestToken", doc::Node{request.token}}});
  for (const std::string_view name : {"Description", "KmsKeyId", "SecretString"}) {
    if (const doc::Node* value = request.properties.find(name)) {
      input.as_mapping()->set(name, *value);
    }
  }
  const doc::Node* how = request.properties.find("GenerateSecretString");
  const doc::Node* before = request.previous.find("GenerateSecretString");
  if (how != nullptr && (before == nullptr || !doc::equivalent(*how, *before))) {
    input.as_mapping()->set("SecretString", doc::Node{generated(p, *how)});
  }
  auto response = call_api(p, operation, input);
  return response ? Progress{} : handler_failure(request, operation, response.error());
}

Progress remove_secret(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = sm::DeleteSecretRequest::operation();
  auto response = call_api(p,
                           operation,
                           doc::map({{"SecretId", doc::Node{request.physical_id}},
                                     {"ForceDeleteWithoutRecovery", doc::Node{true}}}));
  if (response || response.error().code == "ResourceNotFoundException") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

Progress put_parameter(const Providing& p,
                       const ResourceRequest& request,
                       const std::string& name,
                       bool overwrite) {
  const awsapi::Operation& operation = ssm_api::PutParameterRequest::operation();
  doc::Node input = to_request(request.properties, *operation.input);
  doc::Mapping& map = *input.as_mapping();
  map.set("Name", doc::Node{name});
  if (overwrite) {
    map.set("Overwrite", doc::Node{true});
    map.erase("Tags");
  } else {
    map.set("Tags", tag_list(request, "Key", "Value"));
  }
  auto response = call_api(p, operation, input);
  if (!response) {
    return handler_failure(request, operation, response.error());
  }
  Progress out;
  out.physical_id = name;
  out.attributes = attributes(
      {{"Arn",
        p.context.arn("ssm", "parameter" + std::string(name.starts_with('/') ? "" : "/") + name)},
       {"Type", text_property(request.properties, "Type")},
       {"Value", text_property(request.properties, "Value")}});
  return out;
}

Progress create_parameter(const Providing& p, const ResourceRequest& request) {
  const std::string name = text_property(request.properties, "Name");
  return put_parameter(
      p,
      request,
      name.empty() ? "CFN-" + request.logical_id + "-" + p.context.ids.alnum(12) : name,
      false);
}

Progress update_parameter(const Providing& p, const ResourceRequest& request) {
  return put_parameter(p, request, request.physical_id, true);
}

Progress remove_parameter(const Providing& p, const ResourceRequest& request) {
  const awsapi::Operation& operation = ssm_api::DeleteParameterRequest::operation();
  auto response = call_api(p, operation, doc::map({{"Name", doc::Node{request.physical_id}}}));
  if (response || response.error().code == "ParameterNotFound") {
    return {};
  }
  return handler_failure(request, operation, response.error());
}

constexpr Provider kSecrets[] = {
    {.type = "AWS::Logs::LogGroup",
     .create = create_log_group,
     .update = update_log_group,
     .remove = remove_log_group},
    {.type = "AWS::SecretsManager::Secret",
     .create = create_secret,
     .update = update_secret,
     .remove = remove_secret},
    {.type = "AWS::SSM::Parameter",
     .create = create_parameter,
     .update = update_parameter,
     .remove = remove_parameter},
};

}  // namespace

std::span<const Provider> secret_providers() {
  return kSecrets;
}

}  // namespace local
