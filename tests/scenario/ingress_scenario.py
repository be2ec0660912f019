"""An application and a network load balancer with real containers: HTTPS by name, rules, redirects, sticky clients, WebSocket,
UDP, and rolling updates that no client notices."""
import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading

from support import Scenario, eventually, free_port

# Answers with its name and what it was sent; /cookie sets the application's own; upgrades become an echo; UDP is echoed.
SERVER = r"""
import http.server, json, os, socket, socketserver, threading
NAME, PORT = os.environ["NAME"], 8080
HOST = socket.gethostname()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101); self.send_header("Upgrade", "websocket"); self.send_header("Connection", "Upgrade")
            self.end_headers(); self.wfile.flush()
            while (line := self.rfile.readline()):
                self.wfile.write(b"echo " + line); self.wfile.flush()
            return
        size = int(self.headers.get("Content-Length", 0))
        body = json.dumps({"name": NAME, "host": HOST, "path": self.path, "got": len(self.rfile.read(size)),
                           "headers": dict(self.headers)}).encode()
        self.send_response(200)
        if self.path == "/cookie":
            self.send_header("Set-Cookie", "sid=1; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_GET
    def log_message(self, *args): pass
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(NAME.encode() + b" " + data, self.client_address)
threading.Thread(target=socketserver.ThreadingUDPServer(("", 9090), Echo).serve_forever, daemon=True).start()
server = http.server.ThreadingHTTPServer(("", PORT), Handler)
server.request_queue_size = 128
server.serve_forever()
"""


def ref(name):
    return {"Ref": name}


def get_att(name, attribute):
    return {"Fn::GetAtt": [name, attribute]}


def resource(kind, depends=(), **properties):
    return {"Type": "AWS::" + kind, "Properties": properties, **({"DependsOn": list(depends)} if depends else {})}


def task(name, marker):
    return resource(
        "ECS::TaskDefinition", Family=name, NetworkMode="awsvpc", Cpu="256", Memory="512",
        RequiresCompatibilities=["FARGATE"], ExecutionRoleArn=get_att("Role", "Arn"),
        ContainerDefinitions=[{
            "Name": name, "Image": "timestamper:latest", "Essential": True, "EntryPoint": ["python3", "-u", "-c"],
            "Command": [SERVER], "Environment": [{"Name": "NAME", "Value": name}, {"Name": "MARKER", "Value": marker}],
            "PortMappings": [{"ContainerPort": 8080}, {"ContainerPort": 9090, "Protocol": "udp"}]}])


def service(name, depends, groups, count=1):
    return resource(
        "ECS::Service", depends, Cluster=ref("Cluster"), TaskDefinition=ref(name + "Task"), DesiredCount=count,
        LaunchType="FARGATE", DeploymentConfiguration={"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
        NetworkConfiguration={"AwsvpcConfiguration": {"Subnets": ref("Subnets"), "SecurityGroups": [ref("Group")]}},
        LoadBalancers=[{"TargetGroupArn": ref(group), "ContainerName": name.lower(), "ContainerPort": port}
                       for group, port in groups])


def target_group(protocol="HTTP", port=8080, **more):
    return resource("ElasticLoadBalancingV2::TargetGroup", Protocol=protocol, Port=port, TargetType="ip",
                    VpcId=ref("Vpc"), **more)


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": ref(group)}]


def rule(priority, group, **conditions):
    fields = {"host": "host-header", "path": "path-pattern"}
    return resource("ElasticLoadBalancingV2::ListenerRule", ListenerArn=ref("Https"), Priority=priority,
                    Actions=forward(group), Conditions=[{"Field": fields[k], "Values": [v]} for k, v in conditions.items()])


def template(ports, marker="1", count=2):
    http_check = {"HealthCheckPath": "/health", "Matcher": {"HttpCode": "200-399"}}
    return {
        "Parameters": {"Vpc": {"Type": "String"}, "Subnets": {"Type": "CommaDelimitedList"}},
        "Resources": {
            "Cluster": resource("ECS::Cluster"),
            "Role": resource("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}),
            "Group": resource("EC2::SecurityGroup", GroupDescription="tasks", VpcId=ref("Vpc")),
            "Certificate": resource("CertificateManager::Certificate", DomainName="app.localhost",
                                    SubjectAlternativeNames=["shop.example.com"], ValidationMethod="DNS"),
            "Name": resource("Route53::RecordSet", HostedZoneName="example.com.", Name="shop.example.com.", Type="A",
                             AliasTarget={"DNSName": get_att("Balancer", "DNSName"),
                                          "HostedZoneId": get_att("Balancer", "CanonicalHostedZoneID")}),
            "Balancer": resource("ElasticLoadBalancingV2::LoadBalancer", Type="application", Subnets=ref("Subnets"),
                                 LoadBalancerAttributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]),
            "Http": resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("Balancer"), Port=ports["http"],
                             Protocol="HTTP", DefaultActions=[{"Type": "redirect", "RedirectConfig": {
                                 "Protocol": "HTTPS", "Port": str(ports["https"]), "StatusCode": "HTTP_301"}}]),
            "Https": resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("Balancer"), Port=ports["https"],
                              Protocol="HTTPS", Certificates=[{"CertificateArn": ref("Certificate")}],
                              DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {
                                  "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "nobody here"}}]),
            "WebRule": rule(20, "WebTargets", host="app.localhost"),
            "ApiRule": rule(10, "ApiTargets", host="app.localhost", path="/api/*"),
            "ShopRule": rule(30, "ApiTargets", host="shop.example.com"),
            "WebTargets": target_group(**http_check, TargetGroupAttributes=[
                {"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"},
                {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]),
            "ApiTargets": target_group(**http_check),
            "Network": resource("ElasticLoadBalancingV2::LoadBalancer", Type="network", Subnets=ref("Subnets")),
            "Udp": resource("ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("Network"), Port=ports["udp"],
                            Protocol="UDP", DefaultActions=forward("UdpTargets")),
            "UdpTargets": target_group("UDP", 9090, HealthCheckProtocol="TCP", HealthCheckPort="8080"),
            "WebTask": task("web", marker), "ApiTask": task("api", "1"),
            "Web": service("Web", ["WebRule"], [("WebTargets", 8080)], count),
            "Api": service("Api", ["ApiRule", "ShopRule", "Udp"], [("ApiTargets", 8080), ("UdpTargets", 9090)]),
        }}


class Ingress(Scenario):
    def setUp(self):
        super().setUp()
        self.engine.run("local", "start")
        self.ports = {name: free_port() for name in ("http", "https", "udp")}
        self.cloudformation = self.engine.client("cloudformation")
        subnets = self.engine.client("ec2").describe_subnets()["Subnets"]
        self.parameters = [{"ParameterKey": "Vpc", "ParameterValue": subnets[0]["VpcId"]},
                           {"ParameterKey": "Subnets", "ParameterValue": ",".join(s["SubnetId"] for s in subnets[:2])}]

    def deploy(self, what, **template_arguments):
        getattr(self.cloudformation, what + "_stack")(
            StackName="app", TemplateBody=json.dumps(template(self.ports, **template_arguments)), Parameters=self.parameters,
            Capabilities=["CAPABILITY_IAM"])
        wanted = what.upper() + "_COMPLETE"

        def done():
            stack = self.cloudformation.describe_stacks(StackName="app")["Stacks"][0]
            if "ROLLBACK" in stack["StackStatus"] or stack["StackStatus"].endswith("FAILED"):
                events = self.cloudformation.describe_stack_events(StackName="app")["StackEvents"]
                self.fail([e.get("ResourceStatusReason") for e in events if "FAILED" in e["ResourceStatus"]])
            return stack["StackStatus"] == wanted
        eventually(done, 60, what=f"the stack is {wanted}")

    @property
    def authority(self):
        return os.path.join(self.engine.environment["DOCKER_ECS_HOME"], "authority.crt")

    def ask(self, host, path="/", headers=(), port="https", method="GET", body=None, context=None):
        """(status, headers, body) of a request that a browser would make for https://<host><path>."""
        if port == "https":
            context = context or ssl.create_default_context(cafile=self.authority)
            raw = socket.create_connection(("127.0.0.1", self.ports["https"]), 10)
            connection = http.client.HTTPConnection(host, self.ports["https"])
            connection.sock = context.wrap_socket(raw, server_hostname=host)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=10)
        connection.request(method, path, body=body, headers={"Host": f"{host}:{self.ports[port]}", **dict(headers)})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, json.loads(body) if body.startswith("{") else body

    def test_everything_at_once(self):
        self.deploy("create")
        with self.subTest("HTTPS by name, two services on one port by host and by path"):
            status, _, web = self.ask("app.localhost", "/x?y=z")
            self.assertEqual((status, web["name"], web["path"]), (200, "web", "/x?y=z"))
            self.assertEqual(web["headers"]["X-Forwarded-Proto"], "https")
            self.assertEqual(web["headers"]["X-Forwarded-Port"], str(self.ports["https"]))
            self.assertIn("Root=1-", web["headers"]["X-Amzn-Trace-Id"])
            self.assertEqual(self.ask("app.localhost", "/api/x")[2]["name"], "api")
            self.assertEqual(self.ask("shop.example.com.localhost")[2]["name"], "api")
            self.assertEqual(self.ask("localhost")[0::2], (404, "nobody here"))
        with self.subTest("curl agrees"):
            told = subprocess.run(
                ["curl", "-sS", "--cacert", self.authority, f"https://app.localhost:{self.ports['https']}/api/curl",
                 "--resolve", f"app.localhost:{self.ports['https']}:127.0.0.1", "-d", "x" * 100_000],
                capture_output=True, text=True, check=True).stdout
            self.assertEqual((json.loads(told)["name"], json.loads(told)["got"]), ("api", 100_000))
        with self.subTest("nobody else's names are certified"):
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.ask("shop.example.com")
        with self.subTest("HTTP leads to HTTPS"):
            status, headers, _ = self.ask("app.localhost", "/a?b", port="http")
            self.assertEqual((status, headers["Location"]),
                             (301, f"https://app.localhost:{self.ports['https']}/a?b"))
        with self.subTest("a cookie brings a client back"):
            _, headers, first = self.ask("app.localhost")
            cookie = headers.get_all("Set-Cookie")[0].split(";")[0]
            self.assertTrue(cookie.startswith("AWSALB="))
            self.assertEqual({self.ask("app.localhost", headers={"Cookie": cookie})[2]["host"] for _ in range(8)},
                             {first["host"]})
            self.assertEqual(len({self.ask("app.localhost")[2]["host"] for _ in range(8)}), 2)
        with self.subTest("WebSocket"):
            self.check_upgrade()
        with self.subTest("UDP"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(5)
                client.connect(("127.0.0.1", self.ports["udp"]))
                for number in range(3):
                    client.send(b"ping %d" % number)
                    self.assertEqual(client.recv(100), b"api ping %d" % number)
        with self.subTest("a rolling update under load"):
            self.check_rolling_update()
        with self.subTest("a new process serves as the old one did"):
            self.engine.run("local", "stop")
            self.engine.run("local", "start")
            eventually(lambda: self.ask("app.localhost", "/api/x")[2]["name"] == "api", 20)
        with self.subTest("everything goes"):
            self.cloudformation = self.engine.client("cloudformation")
            self.cloudformation.delete_stack(StackName="app")
            eventually(lambda: not self.engine.client("elbv2").describe_load_balancers()["LoadBalancers"], 30)
            eventually(lambda: not self.engine.client("acm").list_certificates()["CertificateSummaryList"], 30)
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.ports["https"]), 1)

    def check_upgrade(self):
        context = ssl.create_default_context(cafile=self.authority)
        raw = socket.create_connection(("127.0.0.1", self.ports["https"]), 10)
        with context.wrap_socket(raw, server_hostname="app.localhost") as client:
            key = base64.b64encode(os.urandom(16)).decode()
            client.sendall(f"GET /ws HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           f"Sec-WebSocket-Key: {key}\r\n\r\n".encode())
            stream = client.makefile("rb")
            self.assertIn(b" 101 ", stream.readline())
            while stream.readline() != b"\r\n":
                pass
            for word in (b"one\n", b"two\n"):
                client.sendall(word)
                self.assertEqual(stream.readline(), b"echo " + word)

    def check_rolling_update(self):
        """Clients with and without kept connections ask all the time while every web task is replaced."""
        before = {self.ask("app.localhost")[2]["host"] for _ in range(8)}
        going, failed, served = True, [], []
        context = ssl.create_default_context(cafile=self.authority)

        def client(keep):
            connection = None
            while going:
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("app.localhost", self.ports["https"], timeout=10)
                        raw = socket.create_connection(("127.0.0.1", self.ports["https"]), 10)
                        connection.sock = context.wrap_socket(raw, server_hostname="app.localhost")
                    connection.request("GET", "/load")
                    answer = connection.getresponse()
                    answer.read()
                    (served if answer.status == 200 else failed).append(answer.status)
                    if not keep:
                        connection.close()
                        connection = None
                except Exception as error:
                    failed.append(repr(error))
                    connection = None

        clients = [threading.Thread(target=client, args=(keep,)) for keep in (True, True, False, False)]
        for one in clients:
            one.start()
        try:
            self.deploy("update", marker="2")
        finally:
            going = False
            for one in clients:
                one.join()
        self.assertEqual(failed, [])
        self.assertGreater(len(served), 50)
        after = {self.ask("app.localhost")[2]["host"] for _ in range(8)}
        self.assertFalse(before & after, "every web task was replaced")
        print(f"{len(served)} requests during the update, none failed")
