//! Comparing rows with an edge of an older build, which does not know every table.

use std::sync::Arc;

use app::{
    device,
    ports::{Fault, Http, Incoming, Outgoing, Pending},
    uplink::{EdgeAccess, Form, Uplink, audit::Outcome},
};
use domain::device::replica::Credential;
use serde_json::Value as Json;
use stage::line::Line;
use sync_engine::seal::sign_answer;

use crate::world::{Site, talk, uplink, venue};

/// A line to an edge that says nothing of one table.
struct Older {
    line: Arc<Line>,
    key: [u8; 32],
}

impl Http for Older {
    fn send<'a>(&'a self, outgoing: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async move {
            let header = |name| outgoing.headers.iter().find(|(known, _)| *known == name).unwrap();
            let nonce = header(device::NONCE).1.clone();
            let mut answer = self.line.send(outgoing).await?;
            let mut said: Json = serde_json::from_slice(&answer.body).unwrap();
            for part in said["streams"].as_object_mut().unwrap().values_mut() {
                if part["audit"]["table"] == "category" {
                    part.as_object_mut().unwrap().remove("audit");
                }
            }
            answer.body = said.to_string().into_bytes();
            let signed = sign_answer(&self.key, &nonce, answer.status, &answer.body);
            answer.headers = vec![(device::ANSWER, signed)];
            Ok(answer)
        })
    }
}

#[tokio::test]
async fn a_table_that_the_edge_does_not_know_keeps_no_other_from_being_compared() {
    let mut site = Site::start().await;
    site.agree().await;
    let (_, line) = uplink(&site.gateway, &site.edge, "gateway");
    let key = site.edge.app.host.device_key(&venue(), "gateway", 1);
    let access = EdgeAccess {
        url: "http://other-side".to_owned(),
        device: "gateway".to_owned(),
        key: Credential { version: 1, secret: key },
    };
    let older = Arc::new(Older { line, key });
    let mut up = Uplink::new(site.gateway.app.clone(), older, venue(), access);
    up.speak(Form::Json);
    talk(&mut up).await;
    site.gateway.run("UPDATE product SET position = -1").await;
    for expect in [Outcome::Equal, Outcome::Unknown, Outcome::Mended, Outcome::Equal] {
        assert_eq!(up.audit().await, Ok(expect));
    }
    assert_eq!(up.audit_everything().await, Ok(0));
}
