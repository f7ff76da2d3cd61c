//! What comes of a question that takes a while.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use yew::platform::spawn_local;
use yew::prelude::*;

/// What came of it; the error is a sentence.
pub(super) type Answer<T> = Result<Rc<T>, String>;

/// Asks whenever the key is another one. `None` until there is an answer to what was asked last.
#[hook]
pub(super) fn use_answer<K, T, A, F>(key: K, ask: A) -> Option<Answer<T>>
where
    K: PartialEq + Clone + 'static,
    T: 'static,
    A: FnOnce(K) -> F + 'static,
    F: Future<Output = Result<T, String>> + 'static,
{
    let answer = use_state(|| None::<(K, Answer<T>)>);
    {
        let answer = answer.clone();
        use_effect_with(key.clone(), move |key| {
            let is_wanted = Rc::new(Cell::new(true));
            let (key, wanted) = (key.clone(), is_wanted.clone());
            spawn_local(async move {
                let found = ask(key.clone()).await.map(Rc::new);
                if wanted.get() {
                    answer.set(Some((key, found)));
                }
            });
            move || is_wanted.set(false)
        });
    }
    answer.as_ref().filter(|(of, _)| *of == key).map(|(_, answer)| answer.clone())
}
