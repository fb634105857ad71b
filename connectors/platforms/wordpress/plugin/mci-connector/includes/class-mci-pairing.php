<?php
/**
 * The shop and MCI come together, and part.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Exchanges a one-time code for the secret. No key is ever shown or copied. First MCI says who will receive the orders and
 * the person before the page says that he means it; then the code is handed in, and MCI is asked until it has tried the
 * connection and its own user has confirmed it.
 */
class MCI_Pairing {

	/**
	 * Seconds for which MCI is asked about a code that was handed in, and may have it proven. It lives no longer there.
	 */
	const WAIT = 3600;

	/**
	 * The way of pairing that this plugin speaks.
	 */
	const PAIRING = 2;

	/**
	 * What may pass: MCI is asked again.
	 */
	const LATER = array( 0, 202, 429, 500, 502, 503, 504 );

	/**
	 * What is remembered.
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * What MCI must still hear.
	 *
	 * @var MCI_Queue
	 */
	private $queue;

	/**
	 * MCI.
	 *
	 * @var MCI_Portal
	 */
	private $portal;

	/**
	 * What the shop says of itself.
	 *
	 * @var MCI_About
	 */
	private $about;

	/**
	 * Constructor.
	 *
	 * @param MCI_Pairing_Store $store  What is remembered.
	 * @param MCI_Queue         $queue  What MCI must still hear.
	 * @param MCI_Portal        $portal MCI.
	 * @param MCI_About         $about  What the shop says of itself.
	 */
	public function __construct( MCI_Pairing_Store $store, MCI_Queue $queue, MCI_Portal $portal, MCI_About $about ) {
		$this->store  = $store;
		$this->queue  = $queue;
		$this->portal = $portal;
		$this->about  = $about;
	}

	/**
	 * Asks MCI who will receive the orders. Nothing is handed in yet.
	 *
	 * @param string $address Where the portal is.
	 * @param string $code    The one-time code.
	 * @return string What went wrong, in the reader's words; "" when the page can ask whether it is meant.
	 */
	public function who( $address, $code ) {
		list( $portal, $code, $trouble ) = self::typed( $address, $code );
		if ( '' !== $trouble ) {
			return $trouble;
		}
		$answer = $this->portal->ask(
			$portal,
			array(
				'code'     => $code,
				'ask'      => 'who',
				'language' => get_user_locale(),
			)
		);
		if ( 200 !== $answer['status'] ) {
			return self::sentence( $answer );
		}
		$receiver = isset( $answer['data']['receiver'] ) && is_string( $answer['data']['receiver'] ) ? sanitize_text_field( $answer['data']['receiver'] ) : '';
		if ( '' === $receiver ) {
			return __( 'At this address something answers, but it is not MCI.', 'mci-connector' );
		}
		$this->store->ask( $portal, $code, $receiver, time() + self::WAIT );
		return '';
	}

	/**
	 * Hands in a code. A pairing that fails leaves the one before it as it was.
	 *
	 * @param string $address Where the portal is.
	 * @param string $code    The one-time code.
	 * @return string What went wrong, in the reader's words; "" when the shop is paired, or MCI is still at it.
	 */
	public function pair( $address, $code ) {
		list( $portal, $code, $trouble ) = self::typed( $address, $code );
		if ( '' !== $trouble ) {
			return $trouble;
		}
		$this->store->wait_with( $code, time() + self::WAIT, $portal ); // MCI asks for a proof before it answers.
		return $this->hand_in( 'pair' );
	}

	/**
	 * Asks MCI how it stands with the code that was handed in: by the page, and by the clock when nobody looks.
	 *
	 * @return string As pair().
	 */
	public function ask_again() {
		return '' === $this->store->waiting_code( time() ) ? '' : $this->hand_in( 'again' );
	}

	/**
	 * The person does not want it after all.
	 */
	public function give_up() {
		$this->store->wait_with( '' );
	}

	/**
	 * One question to MCI with the code that is waited with.
	 *
	 * @param string $ask `pair` or `again`.
	 * @return string As pair().
	 */
	private function hand_in( $ask ) {
		$portal = $this->store->waiting_portal();
		$answer = $this->portal->ask(
			$portal,
			array(
				'code'     => $this->store->waiting_code( time() ),
				'ask'      => $ask,
				'pairing'  => self::PAIRING,
				'install'  => $this->store->install_id(),
				'language' => get_user_locale(),
				'orders'   => $this->about->orders(),
			) + $this->about->shop()
		);
		if ( 202 === $answer['status'] || ( 'again' === $ask && in_array( $answer['status'], self::LATER, true ) ) ) {
			return '';
		}
		$this->store->wait_with( '' );
		if ( 200 !== $answer['status'] ) {
			return self::sentence( $answer );
		}
		return $this->keep( $portal, $answer['data'] );
	}

	/**
	 * Keeps what MCI gave at the end.
	 *
	 * @param string              $portal Where the portal is.
	 * @param array<string,mixed> $data   What MCI said.
	 * @return string As pair().
	 */
	private function keep( $portal, array $data ) {
		$secret  = isset( $data['secret'] ) && is_string( $data['secret'] ) ? $data['secret'] : '';
		$webhook = isset( $data['webhook_address'] ) && is_string( $data['webhook_address'] ) ? $data['webhook_address'] : '';
		if ( 1 !== preg_match( '/\A[0-9a-f]{64}\z/', $secret ) || ! MCI_Address::is_of( $webhook, $portal ) ) {
			return __( 'At this address something answers, but it is not MCI.', 'mci-connector' );
		}
		$shop = isset( $data['shop'] ) && is_string( $data['shop'] ) ? sanitize_text_field( $data['shop'] ) : '';
		$this->queue->clear(); // What was noted for another pairing is not this one's; MCI asks for the last 30 days.
		$this->store->pair( $portal, $secret, $webhook, $shop, time() );
		if ( isset( $data['time'] ) && is_int( $data['time'] ) ) {
			$this->store->set_state( array( 'skew' => $data['time'] - time() ) );
		}
		$this->queue->note( 0, MCI_Message::PING, time() );
		return '';
	}

	/**
	 * Ends the pairing.
	 *
	 * @param string $by `shop` or `mci`.
	 */
	public function unpair( $by ) {
		$this->store->unpair( $by, time() );
		$this->queue->clear();
	}

	/**
	 * What was typed, made clean.
	 *
	 * @param string $address Where the portal is.
	 * @param string $code    The one-time code.
	 * @return array{0:string,1:string,2:string} Portal, code, and what is wrong with them.
	 */
	private static function typed( $address, $code ) {
		$portal = MCI_Address::portal( $address );
		$code   = trim( $code );
		if ( '' === $portal ) {
			return array( '', '', __( 'The address of MCI is not valid: it must begin with https://.', 'mci-connector' ) );
		}
		if ( 1 !== preg_match( '/\A[A-Za-z0-9_-]{6,128}\z/', $code ) ) {
			return array( '', '', __( 'This is not a pairing code. Copy it whole from MCI.', 'mci-connector' ) );
		}
		return array( $portal, $code, '' );
	}

	/**
	 * Why MCI refused; it says so in the reader's language.
	 *
	 * @param array{status:int,data:array<string,mixed>,trouble:string} $answer What MCI said.
	 * @return string
	 */
	private static function sentence( array $answer ) {
		if ( 0 === $answer['status'] ) {
			/* translators: %s: technical reason. */
			return sprintf( __( 'MCI does not answer: %s', 'mci-connector' ), $answer['trouble'] );
		}
		$data = $answer['data'];
		if ( isset( $data['message'] ) && is_string( $data['message'] ) && '' !== $data['message'] ) {
			return sanitize_text_field( $data['message'] );
		}
		/* translators: %d: HTTP status code. */
		return sprintf( __( 'MCI could not pair the shop (HTTP %d). Try again in a few minutes.', 'mci-connector' ), $answer['status'] );
	}
}
